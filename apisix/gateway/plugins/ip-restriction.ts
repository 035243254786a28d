import { BlockList, isIP } from 'node:net'
import { z } from 'zod'
import { problem } from '../http/problem.ts'
import { definePlugin } from './plugin.ts'

const range = z.string().refine(isRange, 'is neither an address nor a range such as 10.0.0.0/8')
const ranges = z.array(range).min(1)

/** Lets in only the listed addresses, or all but the listed ones. */
export const ipRestriction = definePlugin({
  name: 'ip-restriction',
  priority: 3000,
  schema: z
    .strictObject({ whitelist: ranges.optional(), blacklist: ranges.optional() })
    .refine(({ whitelist, blacklist }) => (whitelist === undefined) !== (blacklist === undefined), {
      message: 'needs either whitelist or blacklist',
    }),
  create({ whitelist, blacklist }) {
    const list = toBlockList(whitelist ?? blacklist ?? [])
    const letsListedIn = whitelist !== undefined
    return {
      access(exchange) {
        const family = isIP(exchange.clientAddress) === 6 ? 'ipv6' : 'ipv4'
        const isListed = list.check(exchange.clientAddress, family)
        return isListed === letsListedIn ? undefined : problem(exchange, 'ip_not_allowed')
      },
    }
  },
})

function isRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

function toBlockList(texts: readonly string[]): BlockList {
  const list = new BlockList()
  for (const text of texts) {
    const [address = '', bits] = text.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}
