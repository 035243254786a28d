import { expect, test, vi } from 'vitest'
import { templates } from '../src/template/templates.ts'
import { one, readMime } from './mime.ts'
import { anEvent, aRequest, canaries, seal, startMail } from './start-mail.ts'

const deadline = { timeout: 10_000, interval: 10 }

test.each(Object.keys(templates))(
  'an event that asks for %s becomes that mail',
  async (template) => {
    await using mail = await startMail()
    const event = await aRequest(template)
    await mail.bus.publish([event])
    await vi.waitFor(async () => expect(await mail.files()).toHaveLength(1), deadline)
    const { headers, text } = readMime((await mail.files())[0] ?? '')
    expect(one(headers, 'to')).toBe(canaries.to)
    expect(one(headers, 'message-id')).toBe(`<${event.id}@ego.example>`)
    expect(one(headers, 'from')).toBe('Ego <no-reply@localhost>')
    expect(text).toContain(`Hello ${canaries.username},`)
  },
)

test('a mail goes out at once, not at the next look', async () => {
  await using mail = await startMail()
  const started = performance.now()
  for (let sent = 1; sent <= 8; sent += 1) {
    await mail.bus.publish([await aRequest('new_device')])
    await vi.waitFor(async () => expect(await mail.files()).toHaveLength(sent), deadline)
  }
  // A look a second apart would take eight of them.
  expect(performance.now() - started).toBeLessThan(4_000)
})

test('an event that is delivered again sends nothing again', async () => {
  await using mail = await startMail()
  const event = await aRequest('new_device')
  await Promise.all([mail.bus.publish([event]), mail.bus.publish([event])])
  await vi.waitFor(async () => expect((await mail.rows())[0]?.state).toBe('sent'), deadline)
  await mail.bus.publish([event])
  // Also when the inbox has forgotten it.
  await mail.sql`delete from inbox`
  await mail.bus.publish([event])
  const last = await aRequest('password_changed')
  await mail.bus.publish([last])
  await vi.waitFor(async () => expect(await mail.files()).toHaveLength(2), deadline)
  expect((await mail.rows()).map(({ attempts }) => attempts)).toEqual([1, 1])
})

test('a delivered mail leaves no trace of its content', async () => {
  await using mail = await startMail()
  for (const template of Object.keys(templates)) await mail.bus.publish([await aRequest(template)])
  const states = async () => new Set((await mail.rows()).map(({ state }) => state))
  await vi.waitFor(async () => expect(await states()).toEqual(new Set(['sent'])), deadline)
  expect((await mail.rows()).map(({ sealed }) => sealed)).toEqual(
    Object.keys(templates).map(() => null),
  )
  expect(await mail.stored()).not.toMatch(/canary/i)
  const log = mail.lines.join('')
  expect(log).not.toMatch(/canary/i)
  expect(log).toContain('A mail is sent.')
  expect(log).toContain('"request_id":"trace-1"')
})

test('what cannot become a mail is given up at once, without telling what it holds', async () => {
  await using mail = await startMail()
  const { to: _, ...withoutAddress } = canaries
  const bad = [
    await aRequest('canary_template'),
    await aRequest('new_device', withoutAddress),
    await aRequest('new_device', { ...canaries, to: 'canary@a\r\nBcc: canary@b' }),
    await aRequest('new_device', 'canary'),
    anEvent({ template: 'new_device', sealed: 'canary' }),
    anEvent({ template: 'new_device', sealed: `${await seal(canaries)}x` }),
  ]
  await mail.bus.publish(bad)
  const dead = async () => (await mail.rows()).filter(({ state }) => state === 'dead')
  await vi.waitFor(async () => expect(await dead()).toHaveLength(bad.length), deadline)
  expect(new Set((await dead()).map(({ failure }) => failure))).toEqual(
    new Set([
      'There is no such template.',
      'The sealed part does not fit: to.',
      'The sealed part does not fit: all of it.',
      'The sealed text cannot be opened with this key.',
    ]),
  )
  expect(await mail.files()).toEqual([])
  const log = mail.lines.join('').replaceAll('canary_template', '')
  expect(log).not.toMatch(/canary/i)
  await mail.bus.publish([await aRequest('new_device')])
  await vi.waitFor(async () => expect(await mail.files()).toHaveLength(1), deadline)
})

test.each([
  {},
  { template: 'new_device' },
  { template: '../../etc', sealed: 'x' },
  { template: 'new_device', sealed: 'x'.repeat(20_000) },
])('a payload that is no request is a dead letter of the consumer', async (payload) => {
  await using mail = await startMail()
  await mail.bus.publish([anEvent(payload)])
  const letters = await mail.sql`select consumer from dead_letter`
  expect([...letters]).toEqual([{ consumer: 'mail' }])
  expect(await mail.rows()).toEqual([])
})

test('two processes share the work, and each mail goes out once', async () => {
  await using mail = await startMail()
  await mail.another()
  const events = await Promise.all(Array.from({ length: 60 }, () => aRequest('new_device')))
  await mail.bus.publish(events)
  await vi.waitFor(async () => expect(await mail.files()).toHaveLength(60), deadline)
  const states = async () => (await mail.rows()).map(({ state, attempts }) => [state, attempts])
  await vi.waitFor(
    async () => expect(await states()).toEqual(events.map(() => ['sent', 1])),
    deadline,
  )
})

test('what waits when the database is restarted goes out after it', async () => {
  await using mail = await startMail()
  await mail.database.terminate('mail')
  await mail.bus.publish([await aRequest('new_device')])
  await vi.waitFor(async () => expect(await mail.files()).toHaveLength(1), deadline)
  await vi.waitFor(async () => expect((await mail.rows())[0]?.state).toBe('sent'), deadline)
})

test('it is live, ready and measured, and has nothing else to show', async () => {
  await using mail = await startMail()
  expect((await mail.request('/livez')).status).toBe(200)
  const ready = await mail.request('/readyz')
  expect(await ready.json()).toEqual({ status: 'ok', checks: { postgres: 'ok', events: 'ok' } })
  const metrics = await (await mail.request('/metrics')).text()
  for (const name of ['mail_queue_messages', 'mail_queue_oldest_seconds', 'mail_dead_messages']) {
    expect(metrics).toContain(`${name}{service="mail"} 0`)
  }
  expect((await mail.request('/mail')).status).toBe(404)
})
