import { isIPv6 } from 'node:net'
import type { AppContext } from './context.ts'

/**
 * The gateway overwrites X-Real-IP with the address it sees, so it is the only forwarding header that a client cannot set.
 * A service that is reachable without the gateway must be kept inside the network.
 */
export function clientIp(c: AppContext): string {
  return c.req.header('x-real-ip') ?? c.env?.incoming?.socket?.remoteAddress ?? 'unknown'
}

/**
 * Returns what limits count by: an IPv4 address as it is, also when it is written as IPv6, and the first 64 bits of an IPv6
 * address. A client usually has all addresses of such a network, and would get a new limit with each of them.
 */
export function networkOf(ip: string): string {
  const [address = ''] = ip.split('%')
  if (!isIPv6(address)) return ip
  // A URL normalizes every spelling of an IPv6 address to the shortest one, without dots.
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
