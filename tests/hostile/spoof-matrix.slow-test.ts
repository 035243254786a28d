import { identityHeaders } from '@ego/contracts/identity'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { forgeriesOf, type Identity } from './forgeries.ts'
import { routePaths } from './gateway-routes.ts'
import { type Operation, readOperations } from './operations.ts'
import { askRaw, inTurns, type RawAnswer } from './raw-answer.ts'
import { type Member, startPlatform, type TestPlatform } from './start-platform.ts'
import type { Arrival } from './wire-platform.ts'

type Question = { method: string; path: string; body: string; bearer: string }
type Outcome = Question & { answer: RawAnswer; identities: Identity[] }

let platform: TestPlatform
let victim: Member
let attacker: Member
let all: Question[]
let honest: Outcome[] = []
let forgeries: Awaited<ReturnType<typeof forgeriesOf>>

beforeAll(async () => {
  platform = await startPlatform()
  victim = await platform.aMember('victim')
  attacker = await platform.aMember('attacker')
  const staff = await platform.staff()
  all = await allQuestions()
  forgeries = await forgeriesOf({
    victim: await identityOf(victim.token),
    staff: await identityOf(staff.token),
    databaseUrl: platform.databases.auth.url,
  })
  // Until the events of the registrations have arrived everywhere, the same request may have different answers.
  const isSettled = async () => {
    const before = JSON.stringify(honest)
    honest = await askAll([])
    return before === JSON.stringify(honest)
  }
  await vi.waitUntil(isSettled, { timeout: 15_000 })
})
afterAll(() => platform[Symbol.asyncDispose]())

/** The identity headers that the gateway sends to a service for a user, taken from a real request. */
async function identityOf(token: string): Promise<Identity> {
  const from = platform.arrivals.length
  await fetch(`${platform.url}/posts/feed`, { headers: { authorization: `Bearer ${token}` } })
  const arrival = platform.arrivals.slice(from).find(({ path }) => path === '/posts/feed')
  const identity = arrival ? identityIn(arrival) : {}
  expect(Object.keys(identity)).toHaveLength(4)
  return identity
}

function identityIn({ headers }: Arrival): Identity {
  const isIdentity = /^x[-_](user|session)[-_](id|roles|assertion)$/
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isIdentity.test(name)))
}

/** Every route and every documented operation, requested anonymously and by a member for things of another member. */
async function allQuestions(): Promise<Question[]> {
  const operations = await readOperations(platform.url)
  const post = await fetch(`${platform.url}/posts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${victim.token}` },
    body: '{"text_content":"of the victim"}',
  })
  const { post_id: postId } = Object(await post.json())
  const sessionId = JSON.parse(atob(victim.token.split('.')[1] ?? '')).sid
  const place = (path: string) =>
    path
      .replace('{post_id}', postId)
      .replace('{session_id}', sessionId)
      .replace('{user_id}', String(victim.userId))
  const ofRoutes = routePaths.map(({ method, path }) => ({
    method,
    path: path.replace(/\b7\b/, String(victim.userId)),
    isForMember: true,
  }))
  const ofOperations = operations.map((operation) => ({
    method: operation.method,
    path: place(operation.path),
    isForMember: !changesTheCaller(operation),
  }))
  // Operations take precedence over routes, because only they say what would change the caller.
  const byName = new Map<string, { method: string; path: string; isForMember: boolean }>()
  for (const it of [...ofOperations, ...ofRoutes]) {
    const name = `${it.method} ${it.path}`
    if (!byName.has(name)) byName.set(name, it)
  }
  return [...byName.values()].flatMap(({ method, path, isForMember }) => {
    const body = path.includes(postId) ? '{"text_content":"of the attacker"}' : '{"nothing":1}'
    const bearers = ['', ...(isForMember ? [`Authorization: Bearer ${attacker.token}`] : [])]
    return bearers.map((bearer) => ({ method, path, bearer, body: method === 'GET' ? '' : body }))
  })
}

/** Whether a second answer would differ from the first. */
function changesTheCaller({ method, path, isMemberOnly, hasBody, ids }: Operation): boolean {
  const isOwn = ids.length === 0 || path.includes('/me/')
  return method !== 'GET' && isMemberOnly && !hasBody && isOwn
}

async function askAll(forged: readonly string[], questions = all): Promise<Outcome[]> {
  const from = platform.arrivals.length
  const close = forged.some((line) => line.startsWith('Connection:')) ? [] : ['Connection: close']
  const answers = await inTurns(questions.entries().toArray(), ([number, question]) => {
    const { method, path, bearer, body } = question
    const content = `Content-Type: application/json\r\nContent-Length: ${body.length}`
    const head = [...forged, ...close, ...(bearer ? [bearer] : []), ...(body ? [content] : [])]
    const first = [`${method} ${path} HTTP/1.1`, 'Host: x', `X-Request-Id: question-${number}`]
    return askRaw(platform.url, [...first, ...head, '', body].join('\r\n'))
  })
  const arrivals = platform.arrivals.slice(from).filter(({ headers }) => 'x-real-ip' in headers)
  return questions.map((question, number) => {
    const own = arrivals.filter(({ headers }) => headers['x-request-id'] === `question-${number}`)
    const answer = answers[number] ?? { status: 0, headers: {}, body: '' }
    return { ...question, answer, identities: own.map(identityIn).map(withoutSignature) }
  })
}

/** Leaves out the assertion, which auth renews every half minute. */
function withoutSignature({ [identityHeaders.assertion]: assertion, ...rest }: Identity): Identity {
  if (assertion === undefined) return rest
  const { sub, sid, exp } = JSON.parse(atob(assertion.split('.')[1] ?? ''))
  return { ...rest, assertion: `${sub} ${sid} ${exp > Date.now() / 1000 ? 'lives' : 'expired'}` }
}

test('the requests reach every route, with and without a signed-in user', () => {
  const asked = new Set(honest.map(({ method, path }) => `${method} ${path}`))
  expect(asked.size).toBeGreaterThan(routePaths.length)
  const statuses = new Set(honest.map(({ answer }) => answer.status))
  expect([...statuses].toSorted()).toEqual([200, 302, 401, 403, 404, 405, 415, 422])
  const named = honest.flatMap(({ identities }) => identities.map((it) => it['x-user-id']))
  expect(new Set(named)).toEqual(new Set([undefined, String(attacker.userId)]))
})

test('no readable spelling of an identity changes an answer or the identity that a service sees, on any route', async () => {
  for (const [what, lines] of forgeries.readable) {
    const outcomes = await askAll(lines)
    expect(
      outcomes.filter((it, at) => !isSame(it, honest[at])),
      what,
    ).toEqual([])
  }
})

function isSame(one: Outcome, other: Outcome | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

test('an identity that cannot be read is 400 on every route and reaches no service', async () => {
  const anonymous = all.filter(({ bearer }) => bearer === '')
  for (const [what, lines] of forgeries.unreadable) {
    const outcomes = await askAll(lines, anonymous)
    expect(
      outcomes.filter(({ answer }) => answer.status !== 400),
      what,
    ).toEqual([])
    expect(
      outcomes.flatMap(({ identities }) => identities),
      what,
    ).toEqual([])
  }
})

test('an identity in the trailer of a body changes nothing', async () => {
  for (const { method, path, bearer, body, answer } of honest.filter((it) => it.body !== '')) {
    const forged = forgeries.readable.find(([what]) => what.startsWith('the whole identity'))?.[1]
    const head = [`${method} ${path} HTTP/1.1`, 'Host: x', 'Connection: close']
    const content = ['Content-Type: application/json', 'Transfer-Encoding: chunked']
    const trailer = ['Trailer: X-User-ID, X-User-Assertion', 'X-Request-Id: question']
    const chunks = ['', body.length.toString(16), body, '0', ...(forged ?? [])]
    const auth = bearer ? [bearer] : []
    const got = await askRaw(platform.url, ...head, ...content, ...trailer, ...auth, ...chunks)
    expect(got.status, `${method} ${path}`).toBe(answer.status)
  }
})
