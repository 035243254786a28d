import { Agent, request } from 'node:http'

export type Latencies = { p50: number; p99: number; max: number; count: number }

type Options = {
  url: string
  headers?: Record<string, string>
  /** The path of each request. */
  paths: readonly string[]
  /** How many are under way at the same time. */
  clients: number
}

/** One request after the other on each connection; any answer but 200 is an error. */
export async function measureLatency({ url, headers = {}, paths, clients }: Options) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const times: number[] = []
  let next = 0
  const client = async () => {
    while (next < paths.length) {
      const path = paths[next] ?? '/'
      next += 1
      const begin = performance.now()
      await get(agent, url + path, headers)
      times.push(performance.now() - begin)
    }
  }
  try {
    await Promise.all(Array.from({ length: clients }, client))
  } finally {
    agent.destroy()
  }
  return summary(times)
}

function get(agent: Agent, url: string, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, headers }, (incoming) => {
      incoming.resume()
      incoming.once('end', () => {
        if (incoming.statusCode === 200) resolve()
        else reject(new Error(`${url} answered ${incoming.statusCode}.`))
      })
      incoming.once('error', reject)
    })
    outgoing.once('error', reject)
    outgoing.end()
  })
}

function summary(times: number[]): Latencies {
  times.sort((a, b) => a - b)
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { p50: at(0.5), p99: at(0.99), max: times.at(-1) ?? 0, count: times.length }
}
