import { isIPv6 } from 'node:net'
import type { AppContext } from './app.ts'

/**
 * The gateway overwrites X-Real-IP with the address it sees, so of all forwarding headers this one cannot be sent by the
 * client. A service that is reached without a gateway has to be kept inside the network.
 */
export function clientIp(c: AppContext): string {
  return c.req.header('x-real-ip') ?? c.env?.incoming?.socket?.remoteAddress ?? 'unknown'
}

/**
 * What limits are counted for: an IPv4 address as it is, also one that is written as IPv6, and the first 64 bits of an
 * IPv6 address. Whoever has one of those has them all, so each would be a limit of its own for the same client.
 */
export function networkOf(ip: string): string {
  const [address = ''] = ip.split('%')
  if (!isIPv6(address)) return ip
  // Of the spellings of an address, a URL knows only the shortest one, without dots.
  const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(shortest) ?? []
  if (high && low) return [...bytesOf(high), ...bytesOf(low)].join('.')
  const [head = [], tail = []] = shortest.split('::').map((part) => part.match(/[^:]+/g) ?? [])
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0')
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(':')}::/64`
}

function bytesOf(group: string): [number, number] {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 255]
}
