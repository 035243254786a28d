import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aMember, aRegistration, as, startAuth, type TestAuth, verifies } from '../start-auth.ts'

let auth: TestAuth

beforeAll(async () => {
  auth = await startAuth()
  await auth.start()
})
afterAll(() => auth[Symbol.asyncDispose]())

const me = (token: string, method: string, body?: unknown) =>
  as(auth, token, '/auth/me', method, body)

const login = (name: object, password: string) => auth.post('/auth/login', { ...name, password })

async function expectProblem(response: Response, status: number, code: string) {
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ code })
}

describe('an own account', () => {
  test('is read by its owner', async () => {
    const member = await aMember(auth)
    const response = await me(member.token, 'GET')
    expect(await response.json()).toEqual({
      user_id: member.userId,
      username: member.username,
      user_email: member.user_email,
      email_verified: false,
      roles: [],
      created_at: expect.stringMatching(/Z$/),
    })
  })

  test('is renamed, and other services are told', async () => {
    const member = await aMember(auth)
    const { username } = aRegistration()
    const response = await me(member.token, 'PATCH', { username })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ username })
    const events = await auth.sql`
      select payload
      from outbox
      where type = 'user.renamed.v1' and key = ${String(member.userId)}`
    expect([...events]).toEqual([{ payload: { user_id: member.userId, username } }])
  })

  test('cannot take the name of another', async () => {
    const [member, other] = [await aMember(auth), await aMember(auth)]
    const username = other.username.toUpperCase()
    await expectProblem(await me(member.token, 'PATCH', { username }), 409, 'username_taken')
  })

  test('gets a new password: other sessions end, this one stays, the owner is told', async () => {
    const member = await aMember(auth)
    const other = await login({ username: member.username }, member.password)
    const { access_token } = Object(await other.json())
    const change = { password: 'another passphrase', current_password: member.password }
    expect((await me(member.token, 'PATCH', change)).status).toBe(200)
    expect(await verifies(auth, access_token)).toBe(false)
    expect(await verifies(auth, member.token)).toBe(true)
    expect((await login({ username: member.username }, member.password)).status).toBe(401)
    expect((await login({ username: member.username }, 'another passphrase')).status).toBe(200)
    const [mail] = await auth.mails()
    expect(mail).toMatchObject({ template: 'password_changed', to: member.user_email })
  })

  test('changes neither password nor e-mail without the current password', async () => {
    const member = await aMember(auth)
    for (const change of [{ password: 'another passphrase' }, { user_email: 'new@example.com' }]) {
      const without = await me(member.token, 'PATCH', change)
      expect(without.status).toBe(422)
      expect(await without.json()).toMatchObject({ errors: [{ pointer: '#/current_password' }] })
      const wrong = await me(member.token, 'PATCH', { ...change, current_password: 'wrong' })
      await expectProblem(wrong, 403, 'wrong_password')
    }
  })

  test.each([
    {},
    { current_password: 'a good passphrase' },
    { roles: ['staff'] },
    { username: '' },
  ])('with the change %j is 422', async (change) => {
    const member = await aMember(auth)
    expect((await me(member.token, 'PATCH', change)).status).toBe(422)
  })

  test('counts wrong passwords like misses at a login', async () => {
    const member = await aMember(auth)
    for (let miss = 1; miss <= 6; miss += 1) {
      await expectProblem(
        await me(member.token, 'DELETE', { password: 'wrong' }),
        403,
        'wrong_password',
      )
    }
    const response = await me(member.token, 'DELETE', { password: member.password })
    await expectProblem(response, 429, 'too_many_attempts')
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('a deleted account', () => {
  test('leaves no row, no session and a free name, and other services are told', async () => {
    const member = await aMember(auth)
    expect((await me(member.token, 'DELETE', { password: member.password })).status).toBe(204)
    expect(await verifies(auth, member.token)).toBe(false)
    expect((await auth.post('/auth/refresh', { refresh_token: member.refresh })).status).toBe(401)
    const [left] = await auth.sql`
      select
        (select count(*)::int from account where user_id = ${member.userId}) as accounts,
        (select count(*)::int from session where user_id = ${member.userId}) as sessions,
        (select count(*)::int from mail_token where user_id = ${member.userId}) as tokens`
    expect(left).toEqual({ accounts: 0, sessions: 0, tokens: 0 })
    const events = await auth.sql`
      select payload
      from outbox
      where type = 'user.deleted.v1' and key = ${String(member.userId)}`
    expect([...events]).toEqual([{ payload: { user_id: member.userId } }])
    const { username, user_email } = member
    const again = await auth.post('/auth/registration', aRegistration({ username, user_email }))
    expect(again.status).toBe(201)
  })

  test('wants the password', async () => {
    const member = await aMember(auth)
    await expectProblem(
      await me(member.token, 'DELETE', { password: 'wrong' }),
      403,
      'wrong_password',
    )
    expect(await verifies(auth, member.token)).toBe(true)
  })
})

describe('an e-mail address', () => {
  const confirm = (token: string) => auth.post('/auth/email/verification/confirm', { token })
  const isVerified = async (token: string) =>
    Object(await (await me(token, 'GET')).json()).email_verified

  test('is verified by the token of the welcome mail, once', async () => {
    const member = await aMember(auth)
    const [mail] = await auth.mails()
    expect(mail).toMatchObject({ template: 'welcome_verify', to: member.user_email })
    const token = mail?.token ?? ''
    expect(mail?.link).toContain(token)
    expect((await confirm(token)).status).toBe(204)
    expect(await isVerified(member.token)).toBe(true)
    await expectProblem(await confirm(token), 400, 'mailed_token_invalid')
  })

  test('is verified by the last mail only', async () => {
    const member = await aMember(auth)
    const [first] = await auth.mails()
    const response = await as(auth, member.token, '/auth/email/verification', 'POST')
    expect(response.status).toBe(202)
    const [second] = await auth.mails()
    expect(second?.template).toBe('verify_email')
    await expectProblem(await confirm(first?.token ?? ''), 400, 'mailed_token_invalid')
    expect((await confirm(second?.token ?? '')).status).toBe(204)
  })

  test('is not verified by a token that is late', async () => {
    await aMember(auth)
    const [mail] = await auth.mails()
    auth.pass(49 * 3_600_000)
    await expectProblem(await confirm(mail?.token ?? ''), 400, 'mailed_token_invalid')
  })

  test('that is new holds once it is confirmed, and the old one is told', async () => {
    const member = await aMember(auth)
    const change = { user_email: `new.${member.user_email}`, current_password: member.password }
    const response = await me(member.token, 'PATCH', change)
    expect(await response.json()).toMatchObject({ user_email: member.user_email })
    const [mail] = await auth.mails()
    expect(mail).toMatchObject({ template: 'email_change_confirm', to: change.user_email })
    expect((await confirm(mail?.token ?? '')).status).toBe(204)
    expect(await (await me(member.token, 'GET')).json()).toMatchObject({
      user_email: change.user_email,
      email_verified: true,
    })
    const [notice] = await auth.mails()
    expect(notice).toMatchObject({ template: 'email_changed', to: member.user_email })
  })

  test('that another account took in between is 409 and the token is not lost', async () => {
    const member = await aMember(auth)
    const user_email = `wanted.${member.user_email}`
    await me(member.token, 'PATCH', { user_email, current_password: member.password })
    const [mail] = await auth.mails()
    const other = await aMember(auth, { user_email })
    await expectProblem(await confirm(mail?.token ?? ''), 409, 'email_taken')
    expect((await me(other.token, 'DELETE', { password: other.password })).status).toBe(204)
    expect((await confirm(mail?.token ?? '')).status).toBe(204)
    expect(await (await me(member.token, 'GET')).json()).toMatchObject({ user_email })
  })

  test('can be asked about five times an hour', async () => {
    const member = await aMember(auth)
    const ask = async () =>
      (await as(auth, member.token, '/auth/email/verification', 'POST')).status
    for (let count = 1; count <= 5; count += 1) expect(await ask()).toBe(202)
    expect(await ask()).toBe(429)
  })
})

describe('a forgotten password', () => {
  const forgot = (user_email: string) => auth.post('/auth/password/forgot', { user_email })
  const reset = (token: string, password = 'a brand new passphrase') =>
    auth.post('/auth/password/reset', { token, password })

  async function resetMail(to: string) {
    const find = async () =>
      (await auth.mails()).find((mail) => mail.template === 'password_reset' && mail.to === to)
    await expect.poll(find).toBeDefined()
    return (await find())?.token ?? ''
  }

  test('is set anew by the token of the mail, once, and ends all sessions', async () => {
    const member = await aMember(auth)
    expect((await forgot(member.user_email.toUpperCase())).status).toBe(202)
    const token = await resetMail(member.user_email)
    expect((await reset(token)).status).toBe(204)
    expect(await verifies(auth, member.token)).toBe(false)
    const { username } = member
    expect((await login({ username }, 'a brand new passphrase')).status).toBe(200)
    await expectProblem(await reset(token), 400, 'mailed_token_invalid')
  })

  test('without an account gets the same answer and no mail', async () => {
    const before = (await auth.mails()).length
    const response = await forgot('no.account@example.com')
    expect([response.status, await response.text()]).toEqual([202, ''])
    // Published is not enough: what would mail it comes after.
    const unsettled = () => auth.sql`
      select 1
      from outbox
      where type = 'password.forgotten.v1' and event_id not in (select event_id from inbox)`
    await expect.poll(unsettled).toHaveLength(0)
    expect(await auth.mails()).toHaveLength(before)
  })

  test('is not set by a token that is late, made up, or was mailed for something else', async () => {
    const member = await aMember(auth)
    const [welcome] = await auth.mails()
    await forgot(member.user_email)
    const token = await resetMail(member.user_email)
    await expectProblem(await reset(welcome?.token ?? ''), 400, 'mailed_token_invalid')
    await expectProblem(await reset('made-up'), 400, 'mailed_token_invalid')
    const confirm = await auth.post('/auth/email/verification/confirm', { token })
    await expectProblem(confirm, 400, 'mailed_token_invalid')
    auth.pass(61 * 60_000)
    await expectProblem(await reset(token), 400, 'mailed_token_invalid')
  })

  test('by many at once with one token is set by one', async () => {
    const member = await aMember(auth)
    await forgot(member.user_email)
    const token = await resetMail(member.user_email)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => reset(token, `a brand new passphrase ${index}`)),
    )
    const statuses = answers.map((answer) => answer.status).sort()
    expect(statuses).toEqual([204, ...Array(7).fill(400)])
  })

  test.each(['password1', 'qwertyuiop', 'PASSWORD123'])('may not become %s', async (password) => {
    const member = await aMember(auth)
    await forgot(member.user_email)
    const response = await reset(await resetMail(member.user_email), password)
    await expectProblem(response, 422, 'validation_failed')
  })
})
