import { registerMembers } from '../data/members.ts'
import type { Row } from '../report/table.ts'
import type { Bench } from './bench.ts'
import { besideBare } from './beside-bare.ts'

/** A token that auth has seen before, asked of it directly, as APISIX does. */
export async function verifyScenario(bench: Bench): Promise<Row[]> {
  const { url } = await bench.platform()
  const [member] = await registerMembers(url, 1)
  const row = await besideBare(bench, {
    scenario: 'auth, GET /auth/verify',
    limit: 0.7,
    server: await bench.auth(),
    path: '/auth/verify',
    headers: { authorization: `Bearer ${member?.accessToken}` },
  })
  return [row]
}
