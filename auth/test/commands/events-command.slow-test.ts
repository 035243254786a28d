import { addDeadLetter } from '@ego/kit/events/dead-letters'
import type { Event } from '@ego/kit/events/event'
import { runEventsCommand } from '@ego/kit/testing/program'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aRegistration, startAuth, type TestAuth } from '../start-auth.ts'

let auth: TestAuth
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

/** A forgotten password whose event could not be applied. */
async function aDeadLetter() {
  const registration = aRegistration()
  await auth.post('/auth/registration', registration)
  await auth.post('/auth/password/forgot', { user_email: registration.user_email })
  const [event] = await auth.sql<[Event]>`
    select event_id as id, type, key, occurred_at, request_id, payload
    from outbox
    where type = 'password.forgotten.v1'
    order by position desc
    limit 1`
  await addDeadLetter(auth.sql, { consumer: 'auth', event, error: new Error('Away.'), attempts: 5 })
  return { registration, eventId: event.id }
}

test('a replayed wish for a new password is mailed, with a link that works', async () => {
  const { registration, eventId } = await aDeadLetter()
  const replayed = await runEventsCommand(['replay', 'auth', eventId], auth.environment)
  expect(replayed).toEqual({
    code: 0,
    output: `auth has applied ${eventId}, password.forgotten.v1.\n`,
    errors: '',
  })
  const [mail] = await auth.mails()
  expect(mail).toMatchObject({ template: 'password_reset', to: registration.user_email })
  const reset = { token: mail?.token, password: 'another long password' }
  expect((await auth.post('/auth/password/reset', reset)).status).toBe(204)
})

test('without the keys of auth a replay says which to set, and the dead letter stays', async () => {
  const { eventId } = await aDeadLetter()
  const { DATABASE_URL } = auth.environment
  const words = ['replay', 'auth', eventId]
  expect(await runEventsCommand(words, { DATABASE_URL })).toEqual({
    code: 1,
    output: '',
    errors: 'Set KEY_ENCRYPTION_KEY, MAIL_PUBLIC_KEY and ISSUER, as for auth.\n',
  })
  const deadLetters = await auth.sql`select 1 from dead_letter where event_id = ${eventId}`
  expect(deadLetters).toHaveLength(1)
})
