import type { Fields } from '@ego/kit/fast/fields'
import { Pool } from 'undici'
import { abortOf } from '../http/exchange.ts'
import { isHopByHop } from '../http/hop-by-hop.ts'
import { type ConnectionLimits, type Transport, UpstreamFailure } from './transport.ts'

/** One pool of connections per origin and limits, shared by everything that calls it. */
export type Pools = AsyncDisposable & {
  to(origin: string, limits: ConnectionLimits): Transport
}

export function createPools(): Pools {
  const pools = new Map<string, Pool>()
  return {
    to(origin, { connectionsMax, connectMs, keepAliveMs }) {
      const key = `${origin} ${connectionsMax} ${connectMs} ${keepAliveMs}`
      const pool =
        pools.get(key) ??
        new Pool(origin, {
          connections: connectionsMax,
          connectTimeout: connectMs,
          keepAliveTimeout: keepAliveMs,
          allowH2: false,
        })
      pools.set(key, pool)
      return httpTransport(new URL(origin).host, pool)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

function httpTransport(name: string, pool: Pool): Transport {
  return {
    name,
    isRemote: true,
    async send({ method, path, fields, body, readMs, exchange }) {
      try {
        const response = await pool.request({
          ...{ method, path, headers: fields, body },
          headersTimeout: readMs,
          bodyTimeout: readMs,
          signal: exchange && abortOf(exchange).signal,
          responseHeaders: 'raw',
        })
        // The types know them as an object only.
        const raw = response.headers as unknown as string[]
        return { status: response.statusCode, fields: readFields(raw), body: response.body }
      } catch (error) {
        throw new UpstreamFailure(kindOf(error), { node: name, cause: error })
      }
    },
  }
}

function readFields(raw: readonly string[]): Fields {
  const fields: Fields = []
  for (let i = 0; i < raw.length; i += 2) {
    const field = (raw[i] ?? '').toLowerCase()
    if (!isHopByHop(field)) fields.push(field, raw[i + 1] ?? '')
  }
  return fields
}

const kinds: Record<string, UpstreamFailure['kind']> = {
  EAI_AGAIN: 'unreachable',
  ECONNREFUSED: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'unreachable',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
}

function kindOf(error: unknown): UpstreamFailure['kind'] {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return kinds[code] ?? 'broken'
}
