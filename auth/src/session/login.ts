import type { App } from '@ego/kit/http/context'
import { bodyProblems, jsonAnswer, jsonBody, problems } from '@ego/kit/http/openapi'
import { isStorable } from '@ego/kit/http/text'
import { createRoute, z } from '@hono/zod-openapi'
import type { AccountStore, LoginName } from '../account/store.ts'
import { type By, byOf } from '../audit/audit.ts'
import type { GuessLimiter } from '../guessing/guess-limiter.ts'
import type { Passwords } from '../hashing/passwords.ts'
import { type Mails, noticeTo } from '../mail-token/mail.ts'
import { createSession } from './session.ts'
import type { SessionStore } from './store.ts'
import { type IssueTokens, signInRefused, tokenFields } from './token-answer.ts'

// Rules for new names may change, and an account with an old name must still get in, so only the size is checked here.
const name = z.string().min(1).max(254).refine(isStorable, 'Use text without NUL characters.')

const loginBody = z
  .strictObject({
    username: name.optional().openapi({ example: 'testusername' }),
    user_email: name.optional(),
    password: z.string().min(1).max(512).openapi({ example: 'testpassword', format: 'password' }),
  })
  .refine(
    (body) => (body.username === undefined) !== (body.user_email === undefined),
    'Send either username or user_email.',
  )
  .openapi('Login')

const login = createRoute({
  method: 'post',
  path: '/auth/login',
  tags: ['session'],
  summary: 'Sign in with a username or an e-mail address',
  description:
    'Wrong passwords are counted for the account and for the address they come from. After too many, `Retry-After` says how long to wait; right ones do not count.',
  request: { body: jsonBody(loginBody) },
  responses: {
    200: jsonAnswer('The tokens of a new session', z.object(tokenFields)),
    ...problems({
      ...bodyProblems,
      401: '`bad_credentials`',
      429: '`too_many_attempts`, `too_many_requests`',
      503: '`busy`, `unavailable`; not counted as an attempt',
    }),
  },
})

type Deps = {
  accounts: Pick<AccountStore, 'findForLogin' | 'rehash'>
  sessions: Pick<SessionStore, 'start'>
  passwords: Passwords
  guesses: GuessLimiter
  mails: Pick<Mails, 'seal'>
  issueTokens: IssueTokens
  now: () => number
}

export function mountLogin(app: App, deps: Deps): void {
  app.openapi(login, async (c) => {
    const { username, user_email, password } = c.req.valid('json')
    const name = username === undefined ? { userEmail: user_email ?? '' } : { username }
    const { account, session } = await signIn(deps, name, password, byOf(c))
    return c.json(await deps.issueTokens(account, session), 200)
  })
}

async function signIn(deps: Deps, name: LoginName, password: string, by: By) {
  const { accounts, sessions, passwords, guesses, mails, now } = deps
  const found = await accounts.findForLogin(name)
  const typed = 'username' in name ? name.username : name.userEmail
  const guess = { target: found?.account.userId ?? typed, ip: by.ip }
  const known = found?.account.status === 'active' ? found.passwordHash : null
  // Checked without an account too: the time of the answer must not tell which names have one.
  const isRight = await guesses.attempt(guess, () => passwords.matches(password, known))
  if (!found || !isRight) throw badCredentials()
  const { account, passwordHash } = found
  await guesses.forgive(guess)
  // The one moment when the password is at hand to be hashed under new parameters.
  if (passwords.isOutdated(passwordHash)) {
    await accounts.rehash(account.userId, passwordHash, await passwords.hash(password))
  }
  const started = await sessions.start(found, createSession(by, now()), by, () =>
    mails.seal('new_device', noticeTo(account, by, new Date(now()))),
  )
  if (!started) throw badCredentials()
  return started
}

function badCredentials() {
  return signInRefused('bad_credentials', 'The name or the password is wrong.')
}
