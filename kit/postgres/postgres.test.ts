import { rejects } from 'node:assert'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { constraintOf, isUnavailable } from './errors.ts'
import { connectPostgres } from './postgres.ts'
import { part } from './sql-text.ts'

const { adminUrl } = inject('testPostgres')
const sql = connectPostgres({ url: adminUrl, max: 2, applicationName: 'postgres-test' })
afterAll(() => sql[Symbol.asyncDispose]())

async function failureOf(query: PromiseLike<unknown>): Promise<unknown> {
  try {
    await query
  } catch (error) {
    return error
  }
  throw new Error('The query was expected to fail.')
}

describe('bigint', () => {
  test('an int8 is read as a number, also in an array, and accepted as a parameter', async () => {
    const [row] = await sql`
      select 9007199254740991::int8 as one, array[1, 2]::int8[] as many, ${7}::int8 + 1 as sum`
    expect(row).toEqual({ one: Number.MAX_SAFE_INTEGER, many: [1, 2], sum: 8 })
  })

  test('an int8 that a number cannot hold is refused', async () => {
    await expect(sql`select 9007199254740993::int8`).rejects.toThrow('beyond a safe integer')
  })
})

test('the connection carries its name and its timeouts', async () => {
  const [row] = await sql`
    select
      current_setting('application_name') as name,
      current_setting('statement_timeout') as statement,
      current_setting('lock_timeout') as lock,
      current_setting('idle_in_transaction_session_timeout') as idle`
  expect(row).toEqual({ name: 'postgres-test', statement: '10s', lock: '5s', idle: '10s' })
})

describe('arrays', () => {
  const awkward = ['', ' ', 'a,b', '{c}', '"d"', '\\e', 'NULL', 'null', 'f\ng', 'Ольга']

  test.each<[string, (string | number | null | { text: string })[]]>([
    ['text[]', awkward],
    ['varchar[]', ['a', null, 'b']],
    ['int4[]', [1, -2, null]],
    ['int8[]', [Number.MAX_SAFE_INTEGER, 0]],
    ['float8[]', [1.5, -2e-7]],
    ['uuid[]', ['01a1fbe1-a7ee-7e9a-8bdf-450eb2393a05']],
    ['jsonb[]', [{ text: 'a "quoted", word' }, { text: '' }]],
    ['text[]', []],
  ])('%s is read as it was written: %j', async (type, values) => {
    const cast = { ...part``, strings: [`::${type}`] }
    expect(await sql`select ${values}${cast} as values`).toEqual([{ values }])
  })

  test('they work in a condition and are read as arrays of their type', async () => {
    const [row] = await sql`
      select 2 = any(${[1, 2]}) as found, array[true, false] as flags, array['2026-11-21T02:00Z'::timestamptz] as times`
    expect(row).toEqual({
      found: true,
      flags: [true, false],
      times: [new Date('2026-11-21T02:00:00Z')],
    })
  })
})

describe('constraintOf', () => {
  test('names the constraint that was violated', async () => {
    const error = await failureOf(
      sql.begin(async (tx) => {
        await tx`create temp table person (name text constraint person_name_key unique)`
        await tx`insert into person (name) values ('Ada'), ('Ada')`
      }),
    )
    expect(constraintOf(error)).toBe('person_name_key')
  })

  test('is null for any other failure', async () => {
    expect(constraintOf(await failureOf(sql`select 1 / 0`))).toBeNull()
    expect(constraintOf(new Error('other'))).toBeNull()
    expect(constraintOf(null)).toBeNull()
  })
})

describe('isUnavailable', () => {
  test.each([
    ['a refused port', 'postgres://ego:ego@127.0.0.1:1/ego'],
    ['a refused port of a name with two addresses', 'postgres://ego:ego@localhost:1/ego'],
    ['a missing socket', 'postgres://ego:ego@localhost/ego?host=/nowhere'],
    ['an unknown host', 'postgres://ego:ego@nowhere.invalid/ego'],
  ])('%s is unavailable', async (_, url) => {
    const gone = connectPostgres({ url, max: 1 })
    expect(isUnavailable(await failureOf(gone`select 1`))).toBe(true)
    await gone[Symbol.asyncDispose]()
  })

  test('a session that an administrator ends is unavailable, and the next query connects again', async () => {
    const other = connectPostgres({ url: adminUrl, max: 1 })
    const [session] = await other`select pg_backend_pid() as pid`
    const [error] = await Promise.all([
      failureOf(other`select pg_sleep(5)`),
      sql`select pg_terminate_backend(${session?.pid})`,
    ])
    expect(isUnavailable(error)).toBe(true)
    // The driver may not have seen yet that the session is gone.
    await expect.poll(() => other`select 1 as one`).toEqual([{ one: 1 }])
    await other[Symbol.asyncDispose]()
  })

  test('a closed pool is unavailable', async () => {
    const closed = connectPostgres({ url: adminUrl, max: 1 })
    await closed[Symbol.asyncDispose]()
    expect(isUnavailable(await failureOf(closed`select 1`))).toBe(true)
  })

  test('a statement that runs into its timeout is unavailable', async () => {
    const error = await failureOf(
      sql.begin(async (tx) => {
        await tx`set local statement_timeout = 20`
        await tx`select pg_sleep(5)`
      }),
    )
    expect(isUnavailable(error)).toBe(true)
  })

  test('an unavailable cause is unavailable, and a bug is not', async () => {
    const cause = Object.assign(new Error('no room'), { code: '53300' })
    expect(isUnavailable(new Error('outer', { cause }))).toBe(true)
    expect(isUnavailable(await failureOf(sql`select nonsense`))).toBe(false)
    expect(isUnavailable(Object.assign(new Error('no file'), { code: 'ENOENT' }))).toBe(false)
    expect(isUnavailable(undefined)).toBe(false)
  })
})

test('disposing waits for a running query', async () => {
  const other = connectPostgres({ url: adminUrl, max: 1 })
  const slow = other`select pg_sleep(0.1)`.then(() => 'answered')
  await other[Symbol.asyncDispose]()
  await expect(slow).resolves.toBe('answered')
  await rejects(async () => other`select 1`)
})

describe('a transaction', () => {
  test('with a swallowed error rejects instead of resolving as committed', async () => {
    const work = sql.begin(async (tx) => {
      await tx`select 1 / 0`.catch(() => {})
      return 'done'
    })
    await expect(work).rejects.toThrow('failed before it was committed')
  })

  test('that is over refuses further statements', async () => {
    let left: (() => Promise<unknown>) | undefined
    await sql.begin(async (tx) => {
      left = () => tx`select 1`
    })
    await expect(left?.()).rejects.toThrow('The transaction is over.')
  })

  test('runs statements that are started together one after the other', async () => {
    const rows = await sql.begin((tx) => Promise.all([tx`select 1 as n`, tx`select 2 as n`]))
    expect(rows.flat()).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('whose connection dies is rolled back whole, and the pool recovers', async () => {
    await using pool = connectPostgres({ url: adminUrl, max: 1 })
    await sql`create table killed (id integer)`
    const half = pool.begin(async (tx) => {
      await tx`insert into killed (id) values (1)`
      await tx`select pg_terminate_backend(pg_backend_pid())`.catch(() => {})
      await tx`insert into killed (id) values (2)`
    })
    const next = pool.begin((tx) => tx`insert into killed (id) values (3)`)
    expect(isUnavailable(await failureOf(half))).toBe(true)
    await next
    expect(await sql`select id from killed`).toEqual([{ id: 3 }])
    await sql`drop table killed`
  })
})

test('an undefined parameter is refused, not written as null', async () => {
  const missing: string | undefined = undefined
  await expect(sql`select ${missing}`).rejects.toThrow('Parameter 1 is undefined.')
})

test('a date is read as text, without a time zone', async () => {
  expect(await sql`select '2023-07-18'::date as day`).toEqual([{ day: '2023-07-18' }])
})

test('a stray % in a password is reported with the name of the variable', () => {
  const connect = () => connectPostgres({ url: 'postgres://user:100%@localhost/db' })
  expect(connect).toThrow('DATABASE_URL: write a % in the user or the password as %25.')
})

test('a connection that stops answering is closed, and the next statement gets a new one', async () => {
  await using sql = connectPostgres({ url: adminUrl, max: 1, answerMsMax: 200 })
  const alone = () => sql`select pg_sleep(30)`
  const inTransaction = () => sql.begin((tx) => tx`select pg_sleep(30)`)
  for (const wait of [alone, inTransaction]) {
    const failure = await wait().catch((error: unknown) => error)
    expect(isUnavailable(failure)).toBe(true)
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }])
    expect(await sql.patient(5_000)`select 1 as one from pg_sleep(0.3)`).toEqual([{ one: 1 }])
  }
})
