import { generator, measureLoad } from '../load/load.ts'
import { interleave } from '../measure/rounds.ts'
import { forgetPeak, peakMbOf } from '../measure/usage.ts'
import type { Server } from '../platform/process.ts'
import { ratioRow } from '../report/ratio-row.ts'
import type { Row } from '../report/table.ts'
import type { Bench } from './bench.ts'

type Given = {
  scenario: string
  limit: number
  server: Server
  path: string
  headers?: Readonly<Record<string, string>>
}

const connections = 64

/** A read, compared with the least that a server of Node can do under the same load. */
export async function besideBare(bench: Bench, given: Given): Promise<Row> {
  const { scenario, limit, server, path, headers = {} } = given
  const bare = await bench.bare()
  const get = (of: Server, path: string, headers: Readonly<Record<string, string>>) => {
    const work = { kind: 'get' as const, path, headers }
    return (seconds: number) => measureLoad(of, { connections, seconds, work })
  }
  forgetPeak(server.pid)
  const comparison = await interleave(bench.plan, {
    product: get(server, path, headers),
    reference: get(bare, '/', {}),
  })
  const load = `${generator}, ${connections} connections`
  const peakMb = peakMbOf(server.pid)
  return ratioRow({ scenario, limit, comparison, besides: 'bare', peakMb, load })
}
