/** A request of the walk: a documented operation, with replacements in its example and with Postman scripts. */
export type Step = {
  name: string
  operation: string
  body?: object
  query?: { key: string; value: string }[]
  before?: string
  status: number
  test?: string
}

const profile = { first_name: 'Test', last_name: 'Test', gender: 'male', birthday: '2023-07-18' }

const hasToken = `
const { token_type, expires_in } = pm.response.json()
pm.test('has a bearer token', () => pm.expect(token_type).to.equal('Bearer'))
pm.test('is good for minutes', () => pm.expect(expires_in).to.be.within(600, 900))`

const register: Step[] = [
  {
    name: 'Register',
    operation: 'POST /auth/registration',
    body: {
      username: '{{username}}',
      password: '{{password}}',
      user_email: '{{username}}@example.com',
    },
    before: `
pm.collectionVariables.set('username', pm.variables.replaceIn('walk.{{$randomUUID}}').slice(0, 23))
pm.collectionVariables.set('password', pm.variables.replaceIn('{{$randomUUID}}'))`,
    status: 201,
    test: `
const { user_id, username } = pm.response.json()
pm.collectionVariables.set('user_id', user_id)
pm.test('is the account', () => pm.expect(username).to.equal(pm.collectionVariables.get('username')))
${hasToken}`,
  },
  {
    name: 'Ask for the mail that verifies the address',
    operation: 'POST /auth/email/verification',
    status: 202,
  },
  {
    name: 'Complete the profile',
    operation: 'POST /users',
    body: profile,
    status: 201,
    test: `
const profile = ${JSON.stringify(profile)}
pm.test('is the profile', () => pm.expect(pm.response.json()).to.include(profile))`,
  },
  {
    name: 'Read me',
    operation: 'GET /users/me',
    status: 200,
    test: `
const { user_id, username } = pm.response.json()
pm.test('is mine', () => pm.expect(user_id).to.equal(pm.collectionVariables.get('user_id')))
pm.test('has my username', () => pm.expect(username).to.equal(pm.collectionVariables.get('username')))`,
  },
]

const write: Step[] = [
  {
    name: 'Write a post',
    operation: 'POST /posts',
    body: { text_content: 'My test text post! {{username}}' },
    status: 201,
    test: `
const { post_id, creator_id } = pm.response.json()
pm.collectionVariables.set('post_id', post_id)
pm.test('is mine', () => pm.expect(creator_id).to.equal(pm.collectionVariables.get('user_id')))`,
  },
  {
    name: 'Search for it',
    operation: 'GET /posts/search',
    query: [{ key: 'q', value: '"{{username}}"' }],
    // A member's own posts are found at once, so one request is enough.
    status: 200,
    test: `
const found = pm.response.json().items.map(({ post_id }) => post_id)
pm.test('finds it, and nothing else', () => pm.expect(found).to.eql([pm.collectionVariables.get('post_id')]))`,
  },
  {
    name: 'Edit the post',
    operation: 'PATCH /posts/:post_id',
    body: { text_content: 'My edited post! {{username}}' },
    status: 200,
    test: `
const { post_id, text_content } = pm.response.json()
pm.test('is changed', () => pm.expect(text_content).to.match(/^My edited post!/))
pm.test('is the same post', () => pm.expect(post_id).to.equal(pm.collectionVariables.get('post_id')))`,
  },
]

const follow: Step[] = [
  {
    name: 'Register a follower',
    operation: 'POST /auth/registration',
    body: {
      username: '{{follower_username}}',
      password: '{{password}}',
      user_email: '{{follower_username}}@example.com',
    },
    before: `
pm.collectionVariables.set('follower_username', pm.variables.replaceIn('walk.{{$randomUUID}}').slice(0, 23))`,
    status: 201,
    test: `
const { user_id } = pm.response.json()
pm.test('is another account', () => pm.expect(user_id).to.not.equal(pm.collectionVariables.get('user_id')))`,
  },
  {
    name: "Complete the follower's profile",
    operation: 'POST /users',
    body: { ...profile, first_name: 'Grace', gender: 'female' },
    status: 201,
  },
  {
    name: 'Follow the first person',
    operation: 'PUT /users/me/following/:user_id',
    status: 204,
  },
  {
    name: 'Write a post as the follower',
    operation: 'POST /posts',
    body: { text_content: 'Hello from {{follower_username}}' },
    status: 201,
  },
  {
    name: "Read the follower's feed",
    operation: 'GET /posts/feed',
    status: 200,
    // Follows and names travel by events and arrive a moment later. A script ends when its timers have ended.
    test: `
const { items } = pm.response.json()
const tries = pm.variables.get('tries') ?? 0
if (tries < 100 && !(items.length === 2 && items.every(({ author }) => author !== null))) {
  pm.variables.set('tries', tries + 1)
  pm.execution.setNextRequest(pm.info.requestId)
  setTimeout(() => {}, 100)
} else {
  const newest = items.map(({ text_content }) => text_content.split(' ', 2).join(' '))
  pm.test('has both posts, newest first', () => pm.expect(newest).to.eql(['Hello from', 'My edited']))
  const names = items.map(({ author }) => author?.first_name)
  pm.test('shows who wrote them', () => pm.expect(names).to.eql(['Grace', 'Test']))
}`,
  },
]

const leave: Step[] = [
  {
    name: 'Log in',
    operation: 'POST /auth/login',
    body: { username: '{{username}}', password: '{{password}}' },
    status: 200,
    test: hasToken,
  },
  {
    name: 'Refresh the tokens',
    operation: 'POST /auth/refresh',
    body: { refresh_token: '{{refresh_token}}' },
    before: `
pm.variables.set('refresh_token_before', pm.collectionVariables.get('refresh_token'))`,
    status: 200,
    test: `
const { refresh_token } = pm.response.json()
pm.test('has another refresh token', () =>
  pm.expect(refresh_token).to.not.equal(pm.variables.get('refresh_token_before')))`,
  },
  {
    name: 'Where am I signed in?',
    operation: 'GET /auth/sessions',
    status: 200,
    test: `
const { items } = pm.response.json()
pm.test('lists the registration and the login', () => pm.expect(items).to.have.lengthOf(2))
pm.test('knows the session of the login', () => pm.expect(items[0].current).to.equal(true))
pm.collectionVariables.set('session_id', items[1].session_id)`,
  },
  {
    name: 'End the session of the registration',
    operation: 'DELETE /auth/sessions/:session_id',
    status: 204,
  },
  { name: 'Log out', operation: 'POST /auth/logout', status: 204 },
  {
    name: 'The access token is dead at once',
    operation: 'GET /auth/me',
    status: 401,
    test: `
pm.test('says why', () => pm.expect(pm.response.json().code).to.equal('token_invalid'))`,
  },
  {
    name: 'The refresh token is dead too',
    operation: 'POST /auth/refresh',
    body: { refresh_token: '{{refresh_token}}' },
    status: 401,
    test: `
pm.test('says why', () => pm.expect(pm.response.json().code).to.equal('session_ended'))`,
  },
]

export const steps: readonly Step[] = [...register, ...write, ...follow, ...leave]
