import { registerMembers, signIn } from '../data/members.ts'
import { amountOf } from '../measure/rounds.ts'
import type { Row } from '../report/table.ts'
import type { Bench } from './bench.ts'
import { besideDatabase, connectionsOf } from './beside-database.ts'

export async function refreshScenario(bench: Bench): Promise<Row[]> {
  const { url } = await bench.platform()
  const known = await registerMembers(url, amountOf(bench.plan, { usual: 8, quick: 1 }))
  const connections = connectionsOf(bench.plan)
  const row = await besideDatabase(bench, {
    scenario: 'gateway, refresh',
    limit: 0.35,
    service: 'auth',
    reference: 'update',
    async work() {
      // wrk has more in hand than it has connections.
      const owners = Array.from({ length: connections * 2 }, (_, n) => known[n % known.length])
      const sessions = await Promise.all(
        owners.flatMap((owner) => (owner ? signIn(url, owner) : [])),
      )
      return { kind: 'refresh', refreshTokens: sessions.map(({ refreshToken }) => refreshToken) }
    },
  })
  return [row]
}
