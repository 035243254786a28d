import { aNewName, answers, eventually, keep, readAnswer, type Step, variable } from './step.ts'

const profile = { first_name: 'Test', last_name: 'Test', gender: 'male', birthday: '2023-07-18' }
const otherProfile = { ...profile, first_name: 'Grace', gender: 'female' }

export const peopleSteps: Step[] = [
  {
    name: 'Complete the profile',
    operation: 'POST /users',
    body: profile,
    test: [
      answers(201),
      readAnswer,
      `pm.test('is the profile', () => pm.expect(answer).to.include(${JSON.stringify(profile)}))`,
    ],
  },
  {
    name: 'Read me',
    operation: 'GET /users/me',
    test: [
      answers(200),
      readAnswer,
      `pm.test('is mine', () => pm.expect(answer.user_id).to.equal(${variable('user_id')}))`,
      `pm.test('has my username', () => pm.expect(answer.username).to.equal(${variable('username')}))`,
    ],
  },
  {
    name: 'Register somebody else',
    operation: 'POST /auth/registration',
    body: {
      username: '{{other_username}}',
      password: '{{password}}',
      user_email: '{{other_username}}@example.com',
    },
    before: [aNewName('other_username')],
    test: [
      answers(201),
      readAnswer,
      ...keep({ other_access_token: 'access_token', other_user_id: 'user_id' }),
      `pm.test('is another account', () => pm.expect(answer.user_id).to.not.equal(${variable('user_id')}))`,
    ],
  },
  {
    name: 'Complete their profile',
    operation: 'POST /users',
    token: 'other_access_token',
    body: otherProfile,
    test: [answers(201)],
  },
  {
    name: 'They write a post',
    operation: 'POST /posts',
    token: 'other_access_token',
    body: { text_content: 'Hello from {{other_username}}' },
    test: [answers(201), readAnswer, ...keep({ other_post_id: 'post_id' })],
  },
  {
    name: 'Follow them',
    operation: 'PUT /users/me/following/{user_id}',
    path: { user_id: '{{other_user_id}}' },
    test: [answers(204)],
  },
  {
    name: 'Write a post',
    operation: 'POST /posts',
    body: { text_content: 'My test text post! {{username}}' },
    test: [
      answers(201),
      readAnswer,
      ...keep({ post_id: 'post_id' }),
      `pm.test('is mine', () => pm.expect(answer.creator_id).to.equal(${variable('user_id')}))`,
    ],
  },
  {
    name: 'Search for it',
    operation: 'GET /posts/search',
    query: { q: '"{{username}}"' },
    // Own posts are found at once, so this is asked once.
    test: [
      answers(200),
      'const found = pm.response.json().items.map(({ post_id }) => post_id)',
      `pm.test('finds it, and nothing else', () => pm.expect(found).to.eql([${variable('post_id')}]))`,
    ],
  },
  {
    name: 'Read the feed',
    operation: 'GET /posts/feed',
    test: eventually(`items.length === 2 && items.every(({ author }) => author !== null)`, [
      answers(200),
      `const expected = [${variable('post_id')}, ${variable('other_post_id')}]`,
      'const posts = items.map(({ post_id }) => post_id)',
      "pm.test('has my post and theirs, newest first', () => pm.expect(posts).to.eql(expected))",
      'const names = items.map(({ author }) => author?.first_name)',
      "pm.test('shows who wrote them', () => pm.expect(names).to.eql(['Test', 'Grace']))",
    ]),
  },
  {
    name: 'Edit the post',
    operation: 'PATCH /posts/{post_id}',
    body: { text_content: 'My edited post! {{username}}' },
    test: [
      answers(200),
      readAnswer,
      "pm.test('is changed', () => pm.expect(answer.text_content).to.match(/^My edited post!/))",
      `pm.test('is the same post', () => pm.expect(answer.post_id).to.equal(${variable('post_id')}))`,
    ],
  },
]
