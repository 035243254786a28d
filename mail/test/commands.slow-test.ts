import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@ego/kit/postgres/embedded/start'
import { openDatabase } from '@ego/kit/postgres/open-database'
import { createServiceDatabase } from '@ego/kit/postgres/service-database'
import { secrets } from '@ego/kit/process/data-folder'
import { type Printed, runFile } from '@ego/kit/testing/program'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { postgresMessages } from '../src/message/store-postgres.ts'
import { canaries, seal, startMail, type TestMail } from './start-mail.ts'

let mail: TestMail
let folder = ''

beforeAll(async () => {
  mail = await startMail()
  folder = await mkdtemp(join(tmpdir(), 'ego commands '))
})
afterAll(async () => {
  await mail[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  await mail.sql`delete from message`
})

function run(words: readonly string[], environment: NodeJS.ProcessEnv) {
  const file = new URL('../src/commands/mail.ts', import.meta.url)
  return runFile(file, words, environment, folder)
}

const command = (...words: string[]) => run(words, { DATABASE_URL: mail.database.url })

async function fails(result: Promise<Printed>) {
  const { code, output, errors } = await result
  expect({ code, output }).toEqual({ code: 1, output: '' })
  return errors
}

const at = '2026-11-21T03:20:00.000Z'
const failure = 'The mail could not be sent: EENVELOPE RCPT TO 550 5.7.1.'

async function aDeadMail(attempts = 40): Promise<string> {
  const id = randomUUID()
  await mail.sql`
    insert into message (
      message_id, template, sealed, state, attempts, due_at, created_at, settled_at, failure
    )
    values (
      ${id}, 'password_reset', ${await seal(canaries)}, 'dead', ${attempts}, ${at}, ${at}, ${at},
      ${failure}
    )`
  return id
}

test('dead lists what was given up and why, but not to whom', async () => {
  const id = await aDeadMail()
  expect(await command('dead')).toEqual({
    code: 0,
    output: [
      '1 dead mail:',
      `  ${id}  password_reset  asked for ${at}`,
      `    given up ${at} after 40 attempts: ${failure}`,
      '',
    ].join('\n'),
    errors: '',
  })
})

test('dead lists the first 50 and counts the rest', async () => {
  await Promise.all(Array.from({ length: 52 }, () => aDeadMail(1)))
  const { output } = await command('dead')
  expect(output).toMatch(/^52 dead mails:\n/)
  expect(output.match(/after 1 attempt:/g)).toHaveLength(50)
  expect(output).toMatch(/\n {2}and 2 later ones\n$/)
})

test('a replayed mail is sent by the running worker', async () => {
  const [replayed, other] = [await aDeadMail(), await aDeadMail()]
  expect(await command('replay', replayed)).toMatchObject({
    code: 0,
    output: `${replayed} will be sent again.\n`,
  })
  await expect.poll(mail.files).toHaveLength(1)
  await expect
    .poll(async () => (await mail.rows()).map(({ id, state }) => [id, state]))
    .toEqual([replayed, other].toSorted().map((id) => [id, id === other ? 'dead' : 'sent']))
})

test('replay all queues each of them', async () => {
  await Promise.all([aDeadMail(), aDeadMail()])
  expect((await command('replay', 'all')).output).toBe('2 dead mails will be sent again.\n')
  const states = async () => (await mail.rows()).map(({ state }) => state)
  await expect.poll(states).toEqual(['sent', 'sent'])
  expect(await command('replay', 'all')).toMatchObject({
    code: 0,
    output: 'There are no dead mails.\n',
  })
})

test('a discarded mail is deleted', async () => {
  const [discarded, other] = [await aDeadMail(), await aDeadMail()]
  expect(await command('discard', discarded)).toMatchObject({
    code: 0,
    output: `${discarded} was discarded: it will never be sent.\n`,
  })
  expect((await mail.rows()).map(({ id }) => id)).toEqual([other])
})

test('without dead mails, dead says so', async () => {
  expect(await command('dead')).toMatchObject({ code: 0, output: 'There are no dead mails.\n' })
})

test.each(['replay', 'discard'])('%s of an unknown mail is one sentence', async (name) => {
  const id = randomUUID()
  expect(await fails(command(name, id))).toBe(
    `There is no dead mail ${id}: dead lists those that there are.\n`,
  )
  expect(await fails(command(name, 'ada'))).toBe("'ada' is not the id of a mail.\n")
})

test('a mail that still waits is neither replayed nor discarded', async () => {
  const id = randomUUID()
  const message = { id, template: 'new_device', sealed: await seal(canaries), requestId: null }
  await mail.messages.add(message, mail.now() + 3_600_000)
  for (const name of ['replay', 'discard']) {
    expect(await fails(command(name, id))).toMatch(/^There is no dead mail /)
  }
  expect(await mail.rows()).toMatchObject([{ id, state: 'queued' }])
})

test.each([[[]], [['dead', 'all']], [['replay']], [['discard']], [['dead', '--frobnicate']]])(
  '%j is not understood: usage and exit 2',
  async (words) => {
    const { code, output, errors } = await command(...words)
    expect({ code, output }).toEqual({ code: 2, output: '' })
    expect(errors).toMatch(/^[^\n]+\n\nUsage: npm run mail -- /)
  },
)

test('it finds the database of an embedded platform by its data folder', async () => {
  const data = join(folder, 'data')
  const postgres = await startEmbeddedPostgres({ folder: join(data, 'postgres') })
  const secret = await secrets(data, ['mail_app', 'mail_owner'])
  await createServiceDatabase(postgres.adminUrl, {
    name: 'mail',
    ownerPassword: secret.mail_owner,
    appPassword: secret.mail_app,
  })
  const byFlag = (...words: string[]) => run([...words, '--data', 'data'], {})
  expect(await fails(byFlag('dead'))).toMatch(/^This database has no tables of mail yet/)
  const url = (user: 'mail_app' | 'mail_owner') =>
    postgres.url('mail', { user, password: secret[user] })
  const config = { DATABASE_URL: url('mail_app'), DATABASE_OWNER_URL: url('mail_owner') }
  const migrations = new URL('../migrations/', import.meta.url)
  const id = randomUUID()
  {
    await using sql = await openDatabase({ service: 'mail', config, migrations })
    const messages = postgresMessages(sql)
    const message = { id, template: 'new_device', sealed: 'sealed', requestId: null }
    await messages.add(message, 0)
    const [claimed] = await messages.claim({ now: Date.now(), limit: 1, leaseMs: 1_000 })
    if (claimed) await messages.markDead(claimed, failure, Date.now())
  }
  expect((await byFlag('dead')).output).toContain(`  ${id}  new_device  asked for 1970-01-01`)
  expect((await run(['replay', id], { EGO_DATA: data })).code).toBe(0)
  await postgres.stop()
  expect(await fails(byFlag('dead'))).toMatch(/^No platform is running on /)
})
