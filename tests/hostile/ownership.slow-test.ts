import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Operation, readOperations } from './operations.ts'
import { type Asker, askers, bodies, type Rule, type Ruling, rules } from './ownership-table.ts'
import { type Member, startPlatform, type TestPlatform } from './start-platform.ts'

/** A member who owns one thing of each kind. */
type Owner = Member & { sessionId: string; postId: string }

let platform: TestPlatform
let operations: Operation[]
let victim: Owner
let other: Member
let staff: Member

beforeAll(async () => {
  platform = await startPlatform()
  operations = await readOperations(platform.url)
  staff = await platform.staff()
  other = await platform.aMember('other')
  victim = await anOwner('victim')
})
afterAll(() => platform[Symbol.asyncDispose]())

async function ask(method: string, path: string, token: string, body?: unknown) {
  const response = await fetch(`${platform.url}${path}`, {
    method,
    headers: {
      ...(token !== '' && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, text, code: codeIn(response, text) }
}

function codeIn({ headers }: Response, text: string): string {
  const isProblem = headers.get('content-type') === 'application/problem+json'
  return isProblem ? ` ${JSON.parse(text).code}` : ''
}

async function anOwner(username: string): Promise<Owner> {
  const member = await platform.aMember(username)
  const { text } = await ask('POST', '/posts', member.token, { text_content: 'own words' })
  const { post_id: postId } = JSON.parse(text)
  const { sid: sessionId } = JSON.parse(atob(member.token.split('.')[1] ?? ''))
  const owner = { ...member, sessionId, postId }
  // Names and posts travel by events, and until they arrive, the visible data of an owner changes.
  const isKnown = async () =>
    (await ask('GET', `/posts/${postId}`, '')).text.includes('"first_name":"A"') &&
    (await ask('GET', '/posts/search?q=own', '')).text.includes(postId)
  await vi.waitUntil(isKnown, { timeout: 15_000 })
  return owner
}

/** Everything about the owner that the owner and the public can see. */
async function belongings({ token, userId }: Owner): Promise<string[]> {
  const user = `/users/${userId}`
  const own = ['/auth/me', '/auth/sessions', '/users/me', '/posts/feed']
  const seen = [user, `${user}/followers`, `${user}/following`, `/posts?creator_id=${userId}`]
  const answers = await Promise.all([
    ...own.map((path) => ask('GET', path, token)),
    ...seen.map((path) => ask('GET', path, '')),
  ])
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
  return answers.map(({ text }) => text)
}

function tokenOf(asker: Asker, owner: Owner): string {
  return { anonymous: '', owner: owner.token, other: other.token, staff: staff.token }[asker]
}

function pathFor({ path, ids }: Operation, owner: Owner): string {
  const named = path
    .replace('{user_id}', String(owner.userId))
    .replace('{post_id}', owner.postId)
    .replace('{session_id}', owner.sessionId)
  const query = ids.filter((id) => !path.includes(`{${id}}`)).map((id) => `${id}=${owner.userId}`)
  const words = path.endsWith('/search') ? ['q=own'] : []
  return query.length > 0 ? `${named}?${[...query, ...words].join('&')}` : named
}

const withIds = () => operations.filter(({ ids }) => ids.length > 0)

test('every documented operation with an id has a rule here, and every rule an operation', () => {
  const names = withIds().map(({ name }) => name)
  expect(names.toSorted()).toEqual(Object.keys(rules).toSorted())
})

/** Sends the request of the case and compares the answer with its rule. */
async function expectRuling({ name, rule, asker, owner }: Case & { owner: Owner }): Promise<void> {
  const operation = operations.find((it) => it.name === name)
  if (operation === undefined) throw new Error(`${name} is not documented.`)
  const path = pathFor(operation, owner)
  const { status, code } = await ask(operation.method, path, tokenOf(asker, owner), rule.body)
  expect(`${status}${code}`).toBe(rule.rulings[asker])
  expect(operation.responses).toContain(String(status))
}

type Case = { name: string; asker: Asker; rule: Rule; ruling: Ruling }

const cases: Case[] = Object.entries(rules).flatMap(([name, rule]) =>
  askers.map((asker) => ({ name, asker, rule, ruling: rule.rulings[asker] })),
)
const changes = ({ name, ruling }: Case) => !name.startsWith('GET ') && ruling.startsWith('2')

describe('a request that changes nothing', () => {
  test.each(cases.filter((it) => !changes(it)))(
    '$name by $asker is $ruling and changes nothing',
    async (it) => {
      const before = await belongings(victim)
      await expectRuling({ ...it, owner: victim })
      expect(await belongings(victim)).toEqual(before)
    },
  )
})

describe('a request that changes something', () => {
  test.each(cases.filter(changes).map((it, number) => ({ ...it, number })))(
    '$name by $asker is $ruling and changes nothing of other members',
    async ({ number, ...it }) => {
      const before = await belongings(victim)
      await expectRuling({ ...it, owner: await anOwner(`owner${number}`) })
      expect(await belongings(victim)).toEqual(before)
    },
  )
})

test('an operation for members is 401 without a token, and one for staff is 403 for a member', async () => {
  const wanting = operations.filter(({ isMemberOnly }) => isMemberOnly)
  expect(wanting.length).toBeGreaterThan(20)
  for (const operation of wanting) {
    const { method, hasBody, name, path } = operation
    const to = pathFor(operation, victim)
    const body = hasBody ? (rules[name]?.body ?? bodies[name] ?? {}) : undefined
    const anonymous = await ask(method, to, '', body)
    expect(`${anonymous.status}${anonymous.code}`, name).toBe('401 not_signed_in')
    if (!path.startsWith('/auth/admin/')) continue
    const asMember = await ask(method, to, other.token, body)
    expect(`${asMember.status}${asMember.code}`, name).toBe('403 staff_only')
  }
})

test('the old path for changing a profile changes only the caller’s own', async () => {
  const change = { first_name: 'Changed' }
  const before = await belongings(victim)
  const path = `/user/update/${victim.userId}`
  expect((await ask('PUT', path, '', change)).status).toBe(401)
  expect((await ask('PUT', path, other.token, change)).code).toBe(' not_your_profile')
  expect((await ask('PUT', path, staff.token, change)).code).toBe(' not_your_profile')
  expect(await belongings(victim)).toEqual(before)
  expect((await ask('PUT', `/user/update/${other.userId}`, other.token, change)).status).toBe(200)
})
