import { afterAll, beforeAll, expect, test } from 'vitest'
import { startUsers, type TestUsers } from '../start-users.ts'

let users: TestUsers

beforeAll(async () => {
  users = await startUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

test('what the previous code writes beside this one has the name and the state of the account', async () => {
  const { userId, username } = await users.aMember()
  await users.tell('user.disabled.v1', userId)
  await users.sql`
    insert into profile (user_id, first_name, last_name, gender, birthday)
    values (${userId}, 'Test', 'Test', 'other', '2000-01-01')`
  const read = () => users.sql`select username, is_disabled from profile where user_id = ${userId}`
  expect([...(await read())]).toEqual([{ username, is_disabled: true }])
  await users.sql`update account set username = 'renamed' where user_id = ${userId}`
  expect([...(await read())]).toEqual([{ username: 'renamed', is_disabled: true }])
})
