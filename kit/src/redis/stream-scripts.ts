/**
 * What Redis does in one go. The consumers' scripts may also run while its memory is full: else nothing would ever be
 * handled and trimmed again. They want Redis 7.
 */
const consuming = '#!lua flags=allow-oom\n'

/** KEYS: events. ARGV: the events. All of them or none. */
export const appendScript = `#!lua
for _, event in ipairs(ARGV) do redis.call('xadd', KEYS[1], '*', 'event', event) end
return #ARGV`

/** KEYS: events. ARGV: groups. From the first entry on, so that what came before the group reaches it too. */
export const addGroupsScript = `${consuming}
for _, group in ipairs(ARGV) do
  local reply = redis.pcall('xgroup', 'create', KEYS[1], group, '0', 'mkstream')
  if reply.err and string.sub(reply.err, 1, 9) ~= 'BUSYGROUP' then return reply end
end
return #ARGV`

/** KEYS: lease. ARGV: member, holder, milliseconds. A member takes over from itself, from before a lost connection. */
export const takeLeaseScript = `${consuming}
local holder = redis.call('get', KEYS[1])
if holder and string.sub(holder, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[2], 'px', ARGV[3])
return 1`

/** KEYS: lease. ARGV: holder, milliseconds. */
export const renewLeaseScript = `${consuming}
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('pexpire', KEYS[1], ARGV[2])`

/** KEYS: lease. ARGV: holder. */
export const releaseLeaseScript = `${consuming}
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('del', KEYS[1])`

/**
 * KEYS: events, lease. ARGV: group, holder, count, from. Nothing when the lease is another's: also a command that a
 * network has held back for long takes no entry away from the next holder.
 */
export const claimScript = `${consuming}
if redis.call('get', KEYS[2]) ~= ARGV[2] then return false end
local claimed = redis.call('xautoclaim', KEYS[1], ARGV[1], 'reader', 0, ARGV[4], 'count', ARGV[3])
return {claimed[1], claimed[2]}`

/** KEYS: events, lease. ARGV: group, holder, count. With the id up to which everything is read by now. */
export const readScript = `${consuming}
if redis.call('get', KEYS[2]) ~= ARGV[2] then return false end
local read = redis.call('xreadgroup', 'group', ARGV[1], 'reader', 'count', ARGV[3], 'streams', KEYS[1], '>')
if read then return {read[1][2][#read[1][2]][1], read[1][2]} end
local info = redis.call('xinfo', 'stream', KEYS[1])
for at = 1, #info, 2 do
  if info[at] == 'last-generated-id' then return {info[at + 1], {}} end
end`

/** KEYS: events, dead. ARGV: group, id, entry, how many to keep. */
export const buryScript = `${consuming}
redis.call('xadd', KEYS[2], 'maxlen', '~', ARGV[4], '*', 'consumer', ARGV[1], 'id', ARGV[2], 'entry', ARGV[3])
return redis.call('xack', KEYS[1], ARGV[1], ARGV[2])`

/**
 * KEYS: events. ARGV: groups without which nothing is removed. Keeps everything from the first entry on that some group,
 * also one that is not among them, has not been handed yet or has not handled.
 */
export const trimScript = `${consuming}
local missing = {}
for _, group in ipairs(ARGV) do missing[group] = true end
local keep, keep_ms, keep_seq
for _, reply in ipairs(redis.call('xinfo', 'groups', KEYS[1])) do
  local group = {}
  for at = 1, #reply, 2 do group[reply[at]] = reply[at + 1] end
  missing[group.name] = nil
  local id = group['last-delivered-id']
  if group.pending > 0 then id = redis.call('xpending', KEYS[1], group.name)[2] end
  local ms, seq = string.match(id, '(%d+)-(%d+)')
  ms, seq = tonumber(ms), tonumber(seq)
  if not keep or ms < keep_ms or (ms == keep_ms and seq < keep_seq) then
    keep, keep_ms, keep_seq = id, ms, seq
  end
end
if next(missing) or not keep then return 0 end
return redis.call('xtrim', KEYS[1], 'minid', '~', keep)`
