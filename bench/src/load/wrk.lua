-- What wrk asks where each request is another one. Arguments: the kind of work, and a file with a line for every turn. The
-- lines are taken in a circle; that of a refresh is the token, which comes back as the next one.

local json = { ["content-type"] = "application/json" }
local lines, first, last, written = {}, 1, 0, 0
local kind

local function put(line)
  last = last + 1
  lines[last] = line
end

local function take()
  local line = lines[first]
  lines[first] = nil
  first = first + 1
  return line
end

function init(arguments)
  kind = arguments[1]
  for line in io.lines(arguments[2]) do put(line) end
end

function request()
  local line = take()
  if kind == "refresh" then
    return wrk.format("POST", "/auth/refresh", json, '{"refresh_token":"' .. line .. '"}')
  end
  put(line)
  if kind == "login" then return wrk.format("POST", "/auth/login", json, line) end
  written = written + 1
  local text = "Post " .. written .. " of many, as long as people write them on most days."
  local headers = { ["content-type"] = "application/json", authorization = "Bearer " .. line }
  return wrk.format("POST", "/posts", headers, '{"text_content":"' .. text .. '"}')
end

function response(status, _, body)
  if kind ~= "refresh" then return end
  local token = string.match(body, '"refresh_token":"([%w_-]+)"')
  if token then put(token) else wrk.thread:stop() end
end
