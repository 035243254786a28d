import { addDeadLetter } from '@ego/kit/events/dead-letters'
import { runEventsCommand } from '@ego/kit/testing/program'
import { expect, test } from 'vitest'
import { startUsers } from '../start-users.ts'

test('a replayed erasure takes the profile, its follows and its avatar along', async () => {
  await using users = await startUsers()
  const [person, friend] = [await users.aPerson(), await users.aPerson()]
  const following = `/users/me/following/${person.userId}`
  await users.request(following, { method: 'PUT', headers: friend.headers })
  await users.sql`insert into avatar (user_id, hash, is_current) values (${person.userId}, ${'a'.repeat(64)}, true)`
  const event = {
    id: crypto.randomUUID(),
    type: 'user.deleted.v1',
    key: String(person.userId),
    occurred_at: new Date().toISOString(),
    request_id: null,
    payload: { user_id: person.userId },
  }
  await addDeadLetter(users.sql, {
    consumer: 'users',
    event,
    error: new Error('Away.'),
    attempts: 5,
  })

  const [{ url }] = await users.sql<[{ url: string }]>`select current_database() as url`
  const database = new URL(users.ownerUrl)
  database.pathname = url
  database.username = 'users_app'
  const words = ['replay', 'users', event.id]
  expect(await runEventsCommand(words, { DATABASE_URL: database.href })).toMatchObject({
    code: 0,
    output: `users has applied ${event.id}, user.deleted.v1.\n`,
  })
  expect(await users.sql`select 1 from profile where user_id = ${person.userId}`).toEqual([])
  expect(await users.sql`select 1 from follow`).toEqual([])
  expect(await users.sql`select 1 from avatar where is_current`).toEqual([])
})
