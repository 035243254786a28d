import { type TestDatabase, testDatabase } from '@ego/kit/testing/database'
import { afterAll, beforeAll } from 'vitest'
import { searchIndexContract } from '../src/search/search-index.contract.ts'
import { postgresIndex } from '../src/search/search-index-postgres.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase('posts')
})
afterAll(() => database[Symbol.asyncDispose]())

searchIndexContract(async () => {
  await database.sql`delete from search_document`
  return postgresIndex(database.sql)
})
