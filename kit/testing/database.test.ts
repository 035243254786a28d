import { expect, test } from 'vitest'
import { testDatabase } from './database.ts'

test('every test database is a separate copy, and the application role cannot change its schema', async () => {
  await using one = await testDatabase('kit')
  await using two = await testDatabase('kit')
  expect(one.url).not.toBe(two.url)
  expect(await one.sql`select name from migration where set = 'kit' limit 1`).toHaveLength(1)
  expect(await two.sql`select current_user as user`).toEqual([{ user: 'kit_app' }])
  await expect(one.sql`create table mine (id integer)`).rejects.toThrow('permission denied')
})

test('twenty databases can be created at once', async () => {
  const databases = await Promise.all(Array.from({ length: 20 }, () => testDatabase('kit')))
  expect(new Set(databases.map(({ url }) => url)).size).toBe(20)
  await Promise.all(databases.map((database) => database[Symbol.asyncDispose]()))
})

test('a service without migrations is named', async () => {
  await expect(testDatabase('nothing')).rejects.toThrow('There is no nothing/migrations')
})
