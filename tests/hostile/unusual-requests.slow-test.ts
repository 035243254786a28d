import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Operation, readOperations } from './operations.ts'
import { askRaw, inTurns } from './raw-answer.ts'
import { type Member, startPlatform, type TestPlatform } from './start-platform.ts'

let platform: TestPlatform
let operations: Operation[]
let member: Member

beforeAll(async () => {
  platform = await startPlatform()
  operations = await readOperations(platform.url)
  member = await platform.aMember('unusual')
})
afterAll(() => platform[Symbol.asyncDispose]())

/** Well-formed ids, which need not exist. */
const someUuid = '01a1ff85-7c2b-7000-8000-8103bac2bf46'
const pathOf = ({ path }: Operation) =>
  path.replace(/\{(\w+)\}/g, (_, name) => (name === 'user_id' ? String(member.userId) : someUuid))

/** Sends raw bytes, because Node's HTTP client corrects unusual requests. */
function ask(method: string, path: string, ...fields: readonly string[]) {
  const authorization = `Authorization: Bearer ${member.token}`
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: here', 'Connection: close', authorization]
  return askRaw(platform.url, ...lines, ...fields)
}

test('HEAD answers every read like GET, without the body', async () => {
  const reads = operations.filter(({ method }) => method === 'GET')
  expect(reads.length).toBeGreaterThan(10)
  const answers = await inTurns(reads, async (operation) => {
    const path = pathOf(operation)
    const [get, head] = [await ask('GET', path), await ask('HEAD', path)]
    return { name: operation.name, get: get.status, head: head.status, body: head.body }
  })
  for (const { name, get, head, body } of answers) {
    expect([name, head, body]).toEqual([name, get, ''])
    expect(get, name).toBeLessThan(500)
  }
})

test('a body beyond the limit of the gateway is 413 on every path, with and without a length', async () => {
  const bytes = 6 * 2 ** 20 + 1
  const answers = await inTurns(operations, async (operation) => {
    const method = operation.method === 'GET' ? 'POST' : operation.method
    const type = 'Content-Type: application/json'
    const { status, body } = await ask(method, pathOf(operation), type, `Content-Length: ${bytes}`)
    return { name: operation.name, status, code: JSON.parse(body).code }
  })
  expect(answers).toEqual(
    answers.map(({ name }) => ({ name, status: 413, code: 'body_too_large' })),
  )
})

const twice: readonly (readonly string[])[] = [
  [`Authorization: Bearer x`, `Authorization: Basic eDp5`],
  ['Content-Type: application/json', 'Content-Type: text/plain'],
  ['If-Match: "1"', 'If-Match: "2"'],
  ['If-None-Match: "1"', 'If-None-Match: *'],
  ['Idempotency-Key: a', 'Idempotency-Key: b'],
  ['X-Request-Id: a', 'X-Request-Id: b'],
  ['Cookie: a=1', 'Cookie: a=2'],
]

test('every operation answers a duplicate header as documented', async () => {
  const asked = operations.flatMap((operation) => twice.map((fields) => ({ operation, fields })))
  const answers = await inTurns(asked, async ({ operation, fields }) => {
    // Ending sessions or accounts would change later answers.
    const isSafe = operation.method !== 'DELETE' && !operation.path.includes('log')
    const path = isSafe ? pathOf(operation) : '/posts'
    const length = operation.hasBody ? ['Content-Length: 0'] : []
    const method = isSafe ? operation.method : 'GET'
    const { status } = await ask(method, path, ...fields, ...length)
    return { name: `${operation.name} ${fields[0]}`, status, isSafe, operation }
  })
  for (const { name, status, isSafe, operation } of answers) {
    expect(status, name).toBeLessThan(500)
    if (isSafe) expect(operation.responses, `${name} is ${status}`).toContain(String(status))
  }
})
