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

/** `rediss://user:password@host:port/number`: all but the host may be left out, and nothing else is understood. */
export function redisTarget(url: string, variable: string): Target {
  const { protocol, hostname, port, username, password, pathname, search } = new URL(url)
  const [, db = ''] = /^\/?(\d{0,5})$/.exec(pathname) ?? []
  if (!hostname || search || (pathname.length > 1 && !db)) {
    throw new StartError(
      `${variable}: it wants a host, and at most a port and the number of a database, as in redis://redis:6379/0.`,
    )
  }
  return {
    // Brackets are how an address of IPv6 is written in a URL only.
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || portDefault),
    // Both families: a name may have addresses of one only.
    family: 0,
    db: Number(db),
    ...(username && { username: decodeUrlText(username, variable) }),
    ...(password && { password: decodeUrlText(password, variable) }),
    ...(protocol === 'rediss:' && { tls: {} }),
  }
}
