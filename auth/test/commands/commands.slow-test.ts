import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@ego/kit/postgres/embedded/start'
import { openDatabase } from '@ego/kit/postgres/open-database'
import { createServiceDatabase } from '@ego/kit/postgres/service-database'
import { secrets } from '@ego/kit/process/data-folder'
import { runFile } from '@ego/kit/testing/program'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aRegistration, startAuth, type TestAuth } from '../start-auth.ts'

let auth: TestAuth
let folder = ''

beforeAll(async () => {
  auth = await startAuth()
  folder = await mkdtemp(join(tmpdir(), 'ego commands '))
})
afterAll(async () => {
  await auth[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

type Program = 'keys' | 'admin'

/** Without a database in the environment unless one is given. */
function run(program: Program, words: readonly string[], environment: NodeJS.ProcessEnv) {
  const file = new URL(`../../src/commands/${program}.ts`, import.meta.url)
  return runFile(file, words, environment, folder)
}

const keys = (...words: string[]) => run('keys', words, auth.environment)
const admin = (...words: string[]) => run('admin', words, auth.environment)

async function fails(result: Promise<{ code: unknown; output: string; errors: string }>) {
  const { code, output, errors } = await result
  expect({ code, output }).toEqual({ code: 1, output: '' })
  return errors
}

async function aMember() {
  const registration = aRegistration()
  const body = Object(await (await auth.post('/auth/registration', registration)).json())
  return { ...registration, userId: body.user_id, access: String(body.access_token) }
}

async function signIn(username: string, password: string) {
  const response = await auth.post('/auth/login', { username, password })
  const { access_token } = Object(await response.json())
  return { status: response.status, access: String(access_token) }
}

async function rolesOf(access: string): Promise<string | null> {
  const headers = { authorization: `Bearer ${access}` }
  return (await auth.request('/auth/verify', { headers })).headers.get('x-user-roles')
}

const verify = async (access: string) =>
  (await auth.request('/auth/verify', { headers: { authorization: `Bearer ${access}` } })).status

async function auditOf(userId: number) {
  return auth.sql`
    select action, actor_id, device, detail
    from audit
    where user_id = ${userId} and device = 'command line'
    order by audit_id`
}

describe('npm run admin', () => {
  test('create makes a staff account whose password is shown once', async () => {
    const { code, output } = await admin('create', 'operator', 'operator@example.com')
    expect(code).toBe(0)
    const password = /: (\S{24})\n$/.exec(output)?.[1] ?? ''
    const { status, access } = await signIn('operator', password)
    expect(status).toBe(200)
    expect(await rolesOf(access)).toBe('staff')
    const [row] = await auth.sql<[{ user_id: number }]>`
      select user_id
      from account
      where username = 'operator'`
    const entry = { action: 'account.created', actor_id: null, device: 'command line' }
    expect(await auditOf(row.user_id)).toMatchObject([entry])
  })

  test('create refuses what is taken or is no name or address', async () => {
    const { username, user_email } = await aMember()
    const taken = `The username ${username.toUpperCase()} is taken.\n`
    expect(await fails(admin('create', username.toUpperCase(), 'new@example.com'))).toBe(taken)
    expect(await fails(admin('create', 'newname', user_email))).toContain(user_email)
    expect(await fails(admin('create', 'a b', 'new@example.com'))).toMatch(/^a b: Use 3 to 32/)
    expect(await fails(admin('create', 'newname', 'nonsense'))).toMatch(/^nonsense: /)
  })

  test('promote and demote are effective at once, also for tokens already issued', async () => {
    await admin('create', 'remaining', 'remaining@example.com')
    const { username, password, userId, access } = await aMember()
    expect((await admin('promote', username)).code).toBe(0)
    await expect.poll(() => verify(access)).toBe(401)
    const promoted = await signIn(username, password)
    expect(await rolesOf(promoted.access)).toBe('staff')
    expect((await admin('promote', username)).output).toBe(
      `${username} has the role staff already.\n`,
    )

    expect((await admin('demote', username)).code).toBe(0)
    await expect.poll(() => verify(promoted.access)).toBe(401)
    expect(await rolesOf((await signIn(username, password)).access)).toBe('')
    expect(await auditOf(userId)).toMatchObject([
      { action: 'roles.changed', actor_id: null, detail: { added: ['staff'] } },
      { action: 'roles.changed', actor_id: null, detail: { removed: ['staff'] } },
    ])
  })

  test('disable refuses every login, enable allows it again', async () => {
    const { username, password, userId, access } = await aMember()
    expect((await admin('disable', username)).code).toBe(0)
    await expect.poll(() => verify(access)).toBe(401)
    expect((await signIn(username, password)).status).toBe(401)
    expect((await admin('enable', username)).code).toBe(0)
    expect((await signIn(username, password)).status).toBe(200)
    const actions = [{ action: 'account.disabled' }, { action: 'account.enabled' }]
    expect(await auditOf(userId)).toMatchObject(actions)
  })

  test('the last staff account stays', async () => {
    await auth.sql`update account set roles = '{}'`
    const { username } = await aMember()
    await admin('promote', username)
    for (const command of ['demote', 'disable']) {
      expect(await fails(admin(command, username))).toMatch(/is the last active staff account/)
    }
  })

  test('an unknown name is one sentence', async () => {
    expect(await fails(admin('disable', 'unknown-name'))).toBe(
      'There is no account named unknown-name.\n',
    )
  })
})

describe('npm run keys', () => {
  test('rotate lets the next key sign, in the running service too', async () => {
    const { code, output } = await keys('rotate')
    expect(code).toBe(0)
    const [current, next, retired] = output.split('\n').map((line) => line.split(' ')[0])
    const published = async () => {
      const { keys } = Object(await (await auth.request('/auth/.well-known/jwks.json')).json())
      return keys.map((key: { kid: string }) => key.kid)
    }
    await expect.poll(published).toEqual([next, current, retired])
    const listed = (await keys('list')).output.split('\n')
    expect(listed.slice(0, 3)).toEqual([
      expect.stringMatching(`^${next}  signs next`),
      `${current}  signs now`,
      expect.stringMatching(`^${retired}  retired`),
    ])
  })

  test('rotate needs the right encryption key', async () => {
    const { KEY_ENCRYPTION_KEY: _, ...without } = auth.environment
    expect(await fails(run('keys', ['rotate'], without))).toMatch(/^Set KEY_ENCRYPTION_KEY/)
    const wrong = { ...auth.environment, KEY_ENCRYPTION_KEY: 'A'.repeat(43) }
    expect(await fails(run('keys', ['rotate'], wrong))).toMatch(/^KEY_ENCRYPTION_KEY is not/)
  })
})

describe('either of them', () => {
  test.each<[Program, string[]]>([
    ['keys', []],
    ['keys', ['frobnicate']],
    ['keys', ['rotate', 'twice']],
    ['admin', ['create', 'only-a-name']],
    ['admin', ['promote', 'a-member', '--frobnicate']],
  ])('%s %j is not understood: usage and exit 2', async (program, words) => {
    const { code, output, errors } = await run(program, words, auth.environment)
    expect({ code, output }).toEqual({ code: 2, output: '' })
    expect(errors).toMatch(/^[^\n]+\n\nUsage: npm run /)
  })

  test.each<Program>(['keys', 'admin'])('%s --help is the usage', async (program) => {
    const { code, output } = await run(program, ['--help'], {})
    expect(code).toBe(0)
    expect(output).toMatch(/^Usage: npm run /)
  })

  test('without a database is one sentence', async () => {
    expect(await fails(run('keys', ['list'], {}))).toMatch(/^No platform is running on .*\n$/)
    const DATABASE_URL = 'postgres://nouser:nothing@127.0.0.1:1/auth'
    expect(await fails(run('admin', ['enable', 'x'], { DATABASE_URL }))).toMatch(
      /^The database of auth cannot be reached.*\n$/,
    )
  })

  test('finds the database of an embedded platform by its data folder', async () => {
    const data = join(folder, 'data')
    const postgres = await startEmbeddedPostgres({ folder: join(data, 'postgres') })
    const secret = await secrets(data, ['auth_app', 'auth_owner', 'KEY_ENCRYPTION_KEY'])
    await createServiceDatabase(postgres.adminUrl, {
      name: 'auth',
      ownerPassword: secret.auth_owner,
      appPassword: secret.auth_app,
    })
    const create = ['create', 'operator', 'operator@example.com']
    const byFlag = () => run('admin', [...create, '--data', 'data'], {})
    expect(await fails(byFlag())).toMatch(/^This database has no tables of auth yet/)
    const url = (user: 'auth_app' | 'auth_owner') =>
      postgres.url('auth', { user, password: secret[user] })
    const config = { DATABASE_URL: url('auth_app'), DATABASE_OWNER_URL: url('auth_owner') }
    const migrations = new URL('../../migrations/', import.meta.url)
    await (await openDatabase({ service: 'auth', config, migrations }))[Symbol.asyncDispose]()

    expect((await byFlag()).code).toBe(0)
    expect((await run('admin', ['disable', 'unknown'], { EGO_DATA: data })).errors).toMatch(
      /^There is no account named unknown/,
    )
    await postgres.stop()
    expect(await fails(byFlag())).toMatch(/^No platform is running on /)
  })
})
