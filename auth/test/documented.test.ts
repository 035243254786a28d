import { expect, test } from 'vitest'
import { startStaff } from './start-staff.ts'

test('what a body without an operation for it may be refused with is documented', async () => {
  await using given = await startStaff()
  const { paths } = Object(await (await given.auth.request('/auth/openapi.json')).json())
  const operations = Object.entries<object>(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({ method, path, responses })),
  )
  const writing = operations.filter(({ method }) => method !== 'get')
  expect(writing.length).toBeGreaterThan(10)
  const headers = { ...(await given.identityOf(given.staff)), 'content-type': 'application/json' }
  for (const { method, path, responses } of writing) {
    const sent = { method: method.toUpperCase(), headers }
    const to = path.replace('{user_id}', '999').replace('{session_id}', crypto.randomUUID())
    for (const [status, body] of [
      [400, Buffer.from([0x22, 0xff, 0x22])],
      [413, Buffer.alloc(1_100_000)],
    ] as const) {
      expect((await given.auth.request(to, { ...sent, body })).status).toBe(status)
      expect(responses).toHaveProperty(String(status))
    }
  }
  const reading = operations.filter(({ method }) => method === 'get')
  for (const { responses } of reading) expect(responses).not.toHaveProperty('413')
})

test('the limit that the gateway has for every operation is documented at each, beside others', async () => {
  await using given = await startStaff()
  const { paths } = Object(await (await given.auth.request('/auth/openapi.json')).json())
  const operations = Object.values<object>(paths).flatMap((methods) => Object.values(methods))
  expect(operations.length).toBeGreaterThan(20)
  for (const { responses } of operations) {
    expect(responses[429].description).toContain('`too_many_requests`')
  }
})
