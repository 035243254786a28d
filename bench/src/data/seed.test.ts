import { testDatabase } from '@ego/kit/testing/database'
import { expect, test } from 'vitest'
import { firstWriter, markSeed, readSeedState } from './seed.ts'

test('a seed that was interrupted is told from a whole one', async () => {
  await using database = await testDatabase('posts')
  const { sql } = database
  await sql`insert into author (user_id) values (1)`
  expect(await readSeedState(sql)).toBe('none')
  await sql`insert into author (user_id) values (${firstWriter})`
  expect(await readSeedState(sql)).toBe('half')
  await markSeed(sql)
  expect(await readSeedState(sql)).toBe('whole')
})
