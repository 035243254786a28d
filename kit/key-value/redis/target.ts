import { StartError } from '../../process/start-error.ts'
import { decodeUrlText } from '../../process/url-text.ts'

type Target = {
  host: string
  port: number
  family: 0
  db: number
  username?: string
  password?: string
  tls?: Record<string, never>
}

const portDefault = 6379

/** Parses `rediss://user:password@host:port/number`, of which only the host is required. Anything else is refused. */
export function redisTarget(url: string, variable: string): Target {
  const { protocol, hostname, port, username, password, pathname, search } = new URL(url)
  const [, db = ''] = /^\/?(\d{0,5})$/.exec(pathname) ?? []
  if (!hostname || search || (pathname.length > 1 && !db)) {
    throw new StartError(
      `${variable}: write a host, with an optional port and database number, as in redis://redis:6379/0.`,
    )
  }
  return {
    // Only a URL puts an IPv6 address in brackets.
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || portDefault),
    // IPv4 or IPv6: a name may have addresses of only one family.
    family: 0,
    db: Number(db),
    ...(username && { username: decodeUrlText(username, variable) }),
    ...(password && { password: decodeUrlText(password, variable) }),
    ...(protocol === 'rediss:' && { tls: {} }),
  }
}
