import { afterAll, beforeAll, expect, test } from 'vitest'
import { aMember, as, startAuth, type TestAuth } from '../start-auth.ts'

let auth: TestAuth

beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

test.each(['application/json', 'Application/JSON'])(
  'a request whose %s body is held back until after the logout is refused',
  async (type) => {
    const { token, username } = await aMember(auth)
    const verified = await auth.request('/auth/verify', {
      headers: { authorization: `Bearer ${token}` },
    })
    const headers = new Headers([...verified.headers].filter(([name]) => name.startsWith('x-')))
    headers.set('content-type', type)
    const gate = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        await gate.promise
        controller.enqueue(new TextEncoder().encode('{"username":"after.logout"}'))
        controller.close()
      },
    })
    const held = auth.request('/auth/me', { method: 'PATCH', headers, body, duplex: 'half' })
    expect((await as(auth, token, '/auth/logout', 'POST')).status).toBe(204)
    gate.resolve()
    expect((await held).status).toBe(401)
    expect(await auth.sql`select 1 from account where username = ${username}`).toHaveLength(1)
  },
)
