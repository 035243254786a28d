import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresUsers } from '../../src/staff/store-postgres.ts'
import { aRegistration } from '../start-auth.ts'
import { startStaff, type TestStaff } from '../start-staff.ts'

let given: TestStaff
let asked: TestStaff['asked']

beforeAll(async () => {
  given = await startStaff()
  asked = given.asked
})
afterAll(() => given[Symbol.asyncDispose]())

describe('the audit log', () => {
  test('tells who did what to whom from where', async () => {
    const member = await given.aMember()
    const identity = {
      ...(await given.identityOf(given.staff)),
      'x-real-ip': '192.0.2.9',
      'user-agent': 'Console '.repeat(100),
      'x-request-id': 'request-of-staff',
    }
    await given.send(identity, 'PATCH', member.path, { roles: ['editor'] })
    const { items } = await asked(200, 'GET', `/auth/admin/audit?user_id=${member.id}&limit=1`)
    expect(items).toEqual([
      {
        audit_id: expect.any(String),
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        actor_id: given.staff.id,
        user_id: member.id,
        action: 'roles.changed',
        ip: '192.0.2.9',
        device: 'Console '.repeat(25),
        request_id: 'request-of-staff',
        detail: { added: ['editor'], removed: [] },
      },
    ])
  })

  test('has an entry for every change, and no name or address in any', async () => {
    const registration = aRegistration({ user_email: 'canary@example.com' })
    const { user_id } = await asked(201, 'POST', '/auth/admin/users', registration)
    const path = `/auth/admin/users/${user_id}`
    const names = { username: 'canary.two', user_email: 'canary.two@example.com' }
    await asked(200, 'PATCH', path, { ...names, roles: ['staff'], status: 'disabled' })
    await asked(200, 'PATCH', path, { status: 'active' })
    await asked(204, 'POST', `${path}/logout`)
    await asked(204, 'DELETE', path)
    const entries = await given.auditOf(user_id)
    expect(entries.map((entry) => entry.action)).toEqual([
      'account.created',
      'account.renamed',
      'email.changed',
      'roles.changed',
      'account.disabled',
      'account.enabled',
      'sessions.ended',
      'account.deleted',
    ])
    expect(JSON.stringify(entries)).not.toMatch(/canary|example\.com/)
  })

  test('is filtered by action and paged from the newest to the oldest, each once', async () => {
    const members = [await given.aMember(), await given.aMember(), await given.aMember()]
    for (const { path } of members) await asked(204, 'DELETE', path)
    const ids: number[] = []
    let cursor = ''
    do {
      const path = `/auth/admin/audit?action=account.deleted&limit=2${cursor}`
      const { items, next_cursor } = await asked(200, 'GET', path)
      ids.push(...items.map((entry: { user_id: number }) => entry.user_id))
      cursor = next_cursor && `&cursor=${next_cursor}`
    } while (cursor)
    expect(ids.slice(0, 3)).toEqual(members.map((member) => member.id).reverse())
    expect(new Set(ids).size).toBe(ids.length)
  })

  test.each(['user_id=abc', 'user_id=0', 'action=nothing', 'limit=101', 'cursor=x', 'from=now'])(
    'with ?%s is 422',
    async (query) => {
      await asked(422, 'GET', `/auth/admin/audit?${query}`)
    },
  )
})

test.each([
  'update audit set actor_id = 1',
  'delete from audit',
  'truncate audit',
  'drop table audit',
  'alter table audit disable trigger all',
])('the role of the service may not: %s', async (statement) => {
  await asked(204, 'DELETE', (await given.aMember()).path)
  await expect(given.auth.sql.script(statement)).rejects.toThrow(/permission denied|must be owner/)
})

describe('a change and its entry', () => {
  test('are both missing when the change fails', async () => {
    const member = await given.aMember()
    const entries = await countEntries()
    const username = given.staff.username.toUpperCase()
    await asked(409, 'PATCH', member.path, { status: 'disabled', username })
    await asked(409, 'POST', '/auth/admin/users', aRegistration({ username }))
    await asked(409, 'DELETE', given.staff.path)
    expect(await countEntries()).toBe(entries)
  })

  test('are both missing when the entry cannot be written', async () => {
    const member = await given.aMember()
    const users = postgresUsers(given.auth.sql, () => {})
    const { 'x-session-id': sessionId = '' } = await given.identityOf(given.staff)
    const who = { actorId: given.staff.id, sessionId, requestId: null }
    const by = { ...who, ip: 'NUL \0', device: 'unknown' }
    const unwritable = /0x00/
    await expect(users.change(member.id, { status: 'disabled' }, by)).rejects.toThrow(unwritable)
    await expect(users.delete(member.id, by)).rejects.toThrow(unwritable)
    await expect(users.endSessions(member.id, by)).rejects.toThrow(unwritable)
    expect(await asked(200, 'GET', member.path)).toMatchObject({ status: 'active' })
    expect((await given.verify(member.access)).status).toBe(204)
    expect(await given.refresh(member.refresh)).toBe(200)
    expect(await given.eventsOf(member.id)).toEqual([])
  })
})

async function countEntries() {
  const [row] = await given.auth.sql<[{ entries: number }]>`
    select count(*)::int as entries from audit`
  return row.entries
}
