import { registerMembers } from '../data/members.ts'
import type { Row } from '../report/table.ts'
import type { Bench } from './bench.ts'
import { besideBare } from './beside-bare.ts'

export async function profileScenario(bench: Bench): Promise<Row[]> {
  const platform = await bench.platform()
  const [member] = await registerMembers(platform.url, 1)
  const row = await besideBare(bench, {
    scenario: 'gateway, GET /users/{id}, anonymous',
    limit: 0.35,
    server: platform,
    path: `/users/${member?.userId}`,
  })
  return [row]
}
