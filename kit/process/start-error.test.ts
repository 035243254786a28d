import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { connectPostgres } from '../postgres/postgres.ts'
import { describeStart } from './start-error.ts'

test('a database that does not answer is named with its address', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = Object(server.address())
  await new Promise((resolve) => server.close(resolve))
  await using sql = connectPostgres({ url: `postgres://a:b@127.0.0.1:${port}/c` })
  const error: unknown = await sql`select 1`.catch((error: unknown) => error)
  expect(describeStart(error)).toBe(
    `Nothing answers at 127.0.0.1:${port}: start the server, or correct the URL that names it.`,
  )
})
