import { registerMembers } from '../data/members.ts'
import type { Row } from '../report/table.ts'
import type { Bench } from './bench.ts'
import { besideBare } from './beside-bare.ts'

export async function meScenario(bench: Bench): Promise<Row[]> {
  const platform = await bench.platform()
  const [member] = await registerMembers(platform.url, 1)
  const row = await besideBare(bench, {
    scenario: 'gateway, GET /users/me',
    limit: 0.3,
    server: platform,
    path: '/users/me',
    headers: { authorization: `Bearer ${member?.accessToken}` },
  })
  return [row]
}
