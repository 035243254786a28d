import { aNewName, answers, keep, readAnswer, type Step, variable } from './step.ts'

// What is left of its 900 seconds when the answer is made.
const hasToken = [
  "pm.test('has a bearer token', () => pm.expect(answer.token_type).to.equal('Bearer'))",
  "pm.test('is good for minutes', () => pm.expect(answer.expires_in).to.be.within(600, 900))",
]
const tokens = { access_token: 'access_token', refresh_token: 'refresh_token' }

export const accountSteps: Step[] = [
  {
    name: 'Register',
    operation: 'POST /auth/registration',
    body: {
      username: '{{username}}',
      password: '{{password}}',
      user_email: '{{username}}@example.com',
    },
    before: [
      aNewName('username'),
      "pm.collectionVariables.set('password', pm.variables.replaceIn('{{$randomUUID}}'))",
    ],
    test: [
      answers(201),
      readAnswer,
      ...keep({ ...tokens, user_id: 'user_id' }),
      `pm.test('is the account', () => pm.expect(answer.username).to.equal(${variable('username')}))`,
      ...hasToken,
    ],
  },
  {
    name: 'Ask for the mail that verifies the address',
    operation: 'POST /auth/email/verification',
    test: [answers(202)],
  },
  {
    name: 'Log in',
    operation: 'POST /auth/login',
    body: { username: '{{username}}', password: '{{password}}' },
    test: [answers(200), readAnswer, ...keep(tokens), ...hasToken],
  },
]

export const lastSteps: Step[] = [
  {
    name: 'Refresh the tokens',
    operation: 'POST /auth/refresh',
    body: { refresh_token: '{{refresh_token}}' },
    test: [
      answers(200),
      `const before = ${variable('refresh_token')}`,
      readAnswer,
      ...keep(tokens),
      "pm.test('has another refresh token', () => pm.expect(answer.refresh_token).to.not.equal(before))",
    ],
  },
  {
    name: 'Where am I signed in?',
    operation: 'GET /auth/sessions',
    test: [
      answers(200),
      'const { items } = pm.response.json()',
      "pm.test('lists the registration and the login', () => pm.expect(items).to.have.lengthOf(2))",
      "pm.test('knows the session of the login', () => pm.expect(items[0].current).to.equal(true))",
      "pm.collectionVariables.set('session_id', items[1].session_id)",
    ],
  },
  {
    name: 'End the session of the registration',
    operation: 'DELETE /auth/sessions/{session_id}',
    test: [answers(204)],
  },
  { name: 'Log out', operation: 'POST /auth/logout', test: [answers(204)] },
  {
    name: 'The access token is dead at once',
    operation: 'GET /auth/me',
    test: [
      answers(401),
      "pm.test('says why', () => pm.expect(pm.response.json().code).to.equal('token_invalid'))",
    ],
  },
  {
    name: 'The refresh token is dead too',
    operation: 'POST /auth/refresh',
    body: { refresh_token: '{{refresh_token}}' },
    test: [
      answers(401),
      "pm.test('says why', () => pm.expect(pm.response.json().code).to.equal('session_ended'))",
    ],
  },
]
