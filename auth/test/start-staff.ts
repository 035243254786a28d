import { expect } from 'vitest'
import { aRegistration, startAuth } from './start-auth.ts'

type Identity = Record<string, string>

/** The service, with a member of staff, and what the tests of the operations for staff ask and look at. */
export async function startStaff(variables: Record<string, string> = {}) {
  const auth = await startAuth(variables)

  async function aMember(roles: string[] = []) {
    const registration = aRegistration()
    await auth.post('/auth/registration', registration)
    const [row] = await auth.sql<[{ user_id: number }]>`
      update account
      set roles = ${roles}
      where username = ${registration.username}
      returning user_id`
    const { username, password } = registration
    const body = Object(await (await auth.post('/auth/login', { username, password })).json())
    const tokens = { access: String(body.access_token), refresh: String(body.refresh_token) }
    return { ...registration, ...tokens, id: row.user_id, path: `/auth/admin/users/${row.user_id}` }
  }

  const verify = (access: string) =>
    auth.request('/auth/verify', { headers: { authorization: `Bearer ${access}` } })

  /** The headers that the gateway sets for a member, to be sent with a request at any later moment. */
  async function identityOf({ access }: { access: string }): Promise<Identity> {
    const { headers } = await verify(access)
    return Object.fromEntries([...headers].filter(([name]) => name.startsWith('x-')))
  }

  async function send(identity: Identity, method: string, path: string, body?: unknown) {
    const headers = { ...identity, 'content-type': 'application/json' }
    const content = body === undefined ? {} : { body: JSON.stringify(body) }
    return auth.request(path, { method, headers, ...content })
  }

  const staff = await aMember(['staff'])

  return {
    auth,
    staff,
    aMember,
    verify,
    identityOf,
    send,
    /** Asks as staff, and answers the body. */
    async asked(status: number, method: string, path: string, body?: unknown) {
      const response = await send(await identityOf(staff), method, path, body)
      expect(response.status).toBe(status)
      return [202, 204].includes(status) ? {} : Object(await response.json())
    },
    login: async ({ username, password }: { username: string; password: string }) =>
      (await auth.post('/auth/login', { username, password })).status,
    refresh: async (token: string) =>
      (await auth.post('/auth/refresh', { refresh_token: token })).status,
    eventsOf: (userId: number) => auth.sql<{ type: string; payload: unknown }[]>`
      select type, payload
      from outbox
      where key = ${String(userId)} and type like 'user.%' and type <> 'user.registered.v1'
      order by position`,
    auditOf: (userId: number) => auth.sql<{ action: string; detail: unknown }[]>`
      select action, detail
      from audit
      where user_id = ${userId} and actor_id = ${staff.id}
      order by audit_id`,
    [Symbol.asyncDispose]: () => auth[Symbol.asyncDispose](),
  }
}

export type TestStaff = Awaited<ReturnType<typeof startStaff>>
