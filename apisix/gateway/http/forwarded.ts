import { findField, joinField, setField } from '@ego/kit/http/fast/fields'
import type { Exchange } from './exchange.ts'

/**
 * Says upstream who is asking, as APISIX without `trusted_addresses` does: the chain in
 * X-Forwarded-For grows by the peer, all other fields tell what this gateway saw itself.
 */
export function finishFields(exchange: Exchange): void {
  const { fields, clientAddress } = exchange
  const chain = joinField(fields, 'x-forwarded-for')
  setField(fields, 'x-real-ip', clientAddress)
  setField(
    fields,
    'x-forwarded-for',
    chain === undefined ? clientAddress : `${chain}, ${clientAddress}`,
  )
  setField(fields, 'x-forwarded-proto', 'http')
  setField(fields, 'x-forwarded-host', findField(fields, 'host') ?? exchange.host)
  setField(fields, 'x-forwarded-port', String(exchange.serverPort))
}
