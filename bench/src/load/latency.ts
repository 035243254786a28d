import { Agent, request } from 'node:http'
import { StartError } from '@ego/kit/process/start-error'
import { medianOf, percentileOf } from '../measure/statistics.ts'
import type { Answer, Ask } from './answer.ts'

export type Latencies = { p50: number; p99: number; max: number; count: number }

type Options = {
  url: string
  /** Taken one after the other: one may depend on the answers before it. */
  asks: Iterable<Ask>
  /** How many are under way at the same time. */
  clients: number
  onAnswer?: (body: string) => void
}

/** One request after the other on each connection; any answer but 2xx is an error. */
export async function measureLatency({ url, asks, clients, onAnswer }: Options) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const times: number[] = []
  const waiting = Iterator.from(asks)
  const client = async () => {
    for (const ask of waiting) {
      const begin = performance.now()
      const { status, body } = await send(agent, url, ask)
      times.push(performance.now() - begin)
      if (status < 200 || status > 299) {
        throw new StartError(`${ask.path} answered ${status}: ${body}`)
      }
      onAnswer?.(body)
    }
  }
  try {
    await Promise.all(Array.from({ length: clients }, client))
  } finally {
    agent.destroy()
  }
  return summary(times)
}

function send(agent: Agent, url: string, { method = 'GET', path, headers = {}, body }: Ask) {
  const text = body === undefined ? null : JSON.stringify(body)
  const all = { ...headers, ...(text !== null && { 'content-type': 'application/json' }) }
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const outgoing = request(url + path, { agent, method, headers: all }, (incoming) => {
    let arrived = ''
    incoming.setEncoding('utf8').on('data', (part) => {
      arrived += part
    })
    incoming.once('end', () => resolve({ status: incoming.statusCode ?? 0, body: arrived }))
    incoming.once('error', reject)
  })
  outgoing.once('error', reject)
  outgoing.end(text ?? undefined)
  return promise
}

function summary(times: readonly number[]): Latencies {
  return {
    p50: medianOf(times),
    p99: percentileOf(times, 0.99),
    max: percentileOf(times, 1),
    count: times.length,
  }
}
