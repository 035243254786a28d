import { expect, it } from 'vitest'
import { loadConfig } from './config.ts'

const whole = {
  DATABASE_URL: 'postgres://mail_app@localhost/mail',
  DATABASE_OWNER_URL: 'postgres://mail_owner@localhost/mail',
  MAIL_PRIVATE_KEY: Buffer.alloc(32, 1).toString('base64url'),
  SMTP_URL: 'smtp://localhost:1025',
}

it('the least that is needed leaves the rest to defaults', () => {
  expect(loadConfig(whole)).toMatchObject({
    PORT: 3004,
    MAIL_FROM: 'Ego <no-reply@localhost>',
    MAIL_DOMAIN: 'localhost',
    MAIL_ATTEMPTS_MAX: 40,
  })
})

it('where mails go is said exactly once', () => {
  const { SMTP_URL: _, ...neither } = whole
  expect(() => loadConfig({ ...neither, MAIL_FOLDER: '/tmp/mail' })).not.toThrow()
  expect(() => loadConfig(neither)).toThrow(
    'Set SMTP_URL to send mails, or MAIL_FOLDER to write them to files.',
  )
  expect(() => loadConfig({ ...whole, MAIL_FOLDER: '/tmp/mail' })).toThrow(
    'SMTP_URL and MAIL_FOLDER are both set; set one of them.',
  )
})

it.each([
  { MAIL_PRIVATE_KEY: 'short' },
  { MAIL_PRIVATE_KEY: `${whole.MAIL_PRIVATE_KEY}=` },
  { SMTP_URL: 'http://localhost' },
  { SMTP_URL: 'localhost:25' },
  { MAIL_FROM: 'no address' },
  { MAIL_FROM: 'Ego <a@b>, Eve <c@d>' },
  { MAIL_FROM: 'Ego\r\nBcc: x <a@b>' },
  { MAIL_DOMAIN: 'a b' },
  { MAIL_DOMAIN: 'a>\r\n' },
  { MAIL_ATTEMPTS_MAX: '0' },
])('%j is refused by its name', (changes) => {
  const [name = ''] = Object.keys(changes)
  expect(() => loadConfig({ ...whole, ...changes })).toThrow(`${name}: `)
})

it.each(['a@b', 'Ego <no-reply@ego.example>', '"Ego, Inc." <a@b.example>', '<a@b>'])(
  'mails can be from %s',
  (MAIL_FROM) => {
    expect(loadConfig({ ...whole, MAIL_FROM }).MAIL_FROM).toBe(MAIL_FROM)
  },
)
