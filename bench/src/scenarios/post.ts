import { registerMembers } from '../data/members.ts'
import type { Row } from '../report/table.ts'
import type { Bench } from './bench.ts'
import { besideDatabase, connectionsOf } from './beside-database.ts'

export async function postScenario(bench: Bench): Promise<Row[]> {
  const { url } = await bench.platform()
  const members = await registerMembers(url, connectionsOf(bench.plan))
  const accessTokens = members.map(({ accessToken }) => accessToken)
  const row = await besideDatabase(bench, {
    scenario: 'gateway, create post',
    limit: 0.4,
    service: 'posts',
    reference: 'two inserts',
    work: async () => ({ kind: 'post', accessTokens }),
  })
  return [row]
}
