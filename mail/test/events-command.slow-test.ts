import { randomUUID } from 'node:crypto'
import { addDeadLetter } from '@ego/kit/events/dead-letters'
import { runEventsCommand } from '@ego/kit/testing/program'
import { expect, test } from 'vitest'
import { canaries, seal, startMail } from './start-mail.ts'

test('a replayed wish for a mail is sent by the running worker', async () => {
  await using mail = await startMail()
  const event = {
    id: randomUUID(),
    type: 'mail.requested.v1',
    key: '1',
    occurred_at: new Date().toISOString(),
    request_id: null,
    payload: { template: 'password_changed', sealed: await seal({ ...canaries, at: new Date() }) },
  }
  await addDeadLetter(mail.sql, { consumer: 'mail', event, error: new Error('Away.'), attempts: 5 })
  const environment = { DATABASE_URL: mail.database.url }
  expect(await runEventsCommand(['replay', 'mail', 'all'], environment)).toMatchObject({
    code: 0,
    output: 'mail has applied 1; 0 failed.\n',
  })
  await expect.poll(mail.files).toHaveLength(1)
})
