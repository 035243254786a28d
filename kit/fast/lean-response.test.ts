import { afterAll, describe, expect, test } from 'vitest'
import { installLeanResponse, readLeanResponse } from './lean-response.ts'

const RealResponse = globalThis.Response
const installation = installLeanResponse()
const LeanResponse = globalThis.Response
afterAll(() => {
  installation[Symbol.dispose]()
  expect(globalThis.Response).toBe(RealResponse)
})

type Arguments = ConstructorParameters<typeof Response>

const cases: [string, () => Arguments][] = [
  ['nothing', () => []],
  ['a text', () => ['hällo']],
  ['bytes', () => [Buffer.from('bytes')]],
  ['a type of its own', () => ['{}', { headers: { 'Content-Type': 'application/json' } }]],
  ['a status without a body', () => [null, { status: 204 }]],
  [
    'a status',
    () => [
      'no',
      {
        status: 404,
        headers: [
          ['X-A', '1'],
          ['x-a', '2'],
        ],
      },
    ],
  ],
  [
    'real headers',
    () => [
      'x',
      {
        headers: new Headers([
          ['Set-Cookie', 'a'],
          ['Set-Cookie', 'b'],
        ]),
      },
    ],
  ],
  ['a value to be trimmed', () => ['x', { headers: { 'X-A': '  1 ' } }]],
  ['a status text', () => ['x', { statusText: 'Fine' }]],
  ['a stream', () => [new Blob(['stream']).stream()]],
  ['parameters', () => [new URLSearchParams({ a: '1' })]],
]

async function contentOf(response: Response) {
  return {
    status: [response.status, response.statusText, response.ok, response.type, response.url],
    headers: [...response.headers],
    cookies: response.headers.getSetCookie(),
    isEmpty: response.body === null,
    bodyUsed: response.bodyUsed,
    text: await response.clone().text(),
    again: await response.text(),
  }
}

test.each(cases)('a lean response made of %s is what a real one is', async (_what, make) => {
  const real = await contentOf(new RealResponse(...make()))
  expect(await contentOf(new LeanResponse(...make()))).toEqual(real)
})

test.each([
  ['a header that would split the answer', () => ['x', { headers: { 'X-A': 'a\r\nX-B: b' } }]],
  ['a header name that is none', () => ['x', { headers: { 'X A': 'a' } }]],
  ['a status out of range', () => ['x', { status: 99 }]],
  ['a body where none may be', () => ['x', { status: 304 }]],
] as [string, () => Arguments][])('%s is refused by both', (_what, make) => {
  expect(() => new RealResponse(...make())).toThrow()
  expect(() => new LeanResponse(...make())).toThrow()
})

describe('instanceof', () => {
  test('holds for lean and real ones alike', () => {
    expect(new LeanResponse('x')).toBeInstanceOf(LeanResponse)
    expect(new LeanResponse('x')).toBeInstanceOf(RealResponse)
    expect(new RealResponse('x')).toBeInstanceOf(LeanResponse)
    expect(LeanResponse.json({})).toBeInstanceOf(LeanResponse)
    expect({}).not.toBeInstanceOf(LeanResponse)
  })
})

describe('the gateway', () => {
  test('reads a lean response without building the real one, with later headers', () => {
    const response = new LeanResponse('x', { status: 201, headers: { 'X-A': '1' } })
    response.headers.set('X-A', '2')
    response.headers.append('x-b', '3')
    response.headers.delete('content-type')
    expect(readLeanResponse(response)).toEqual({
      status: 201,
      fields: ['x-a', '2', 'x-b', '3'],
      body: 'x',
    })
    for (const _ of response.headers) expect(response.headers.get('x-a')).toBe('2')
    expect(readLeanResponse(response)?.fields).toEqual(['x-a', '2', 'x-b', '3'])
  })

  test('leaves a response alone whose body was read in part', async () => {
    const response = new LeanResponse('x')
    await response.text()
    expect(readLeanResponse(response)).toBeNull()
    expect(readLeanResponse(new RealResponse('x'))).toBeNull()
  })
})

test('a response can be made of another one, as Hono does to replace it', async () => {
  const first = new LeanResponse('x', { status: 201, headers: { 'X-A': '1' } })
  const second = new LeanResponse(first.body, first)
  expect([second.status, second.headers.get('x-a'), await second.text()]).toEqual([201, '1', 'x'])
})
