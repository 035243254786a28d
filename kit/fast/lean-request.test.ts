import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { createLeanRequest } from './lean-request.ts'

function aRequest(body: Uint8Array | null = null) {
  const fields = ['host', 'app:1', 'x-a', '1', 'x-a', '2', 'content-type', 'application/json']
  const abort = new AbortController()
  return { abort, request: createLeanRequest('POST', 'http://app:1/x', fields, body, () => abort) }
}

test('a lean request answers like a real one', async () => {
  const { request } = aRequest(Buffer.from('{"a":1}'))
  expect(request).toBeInstanceOf(Request)
  expect(request.headers).toBeInstanceOf(Headers)
  expect([request.method, request.url]).toEqual(['POST', 'http://app:1/x'])
  expect(request.headers.get('X-A')).toBe('1, 2')
  expect(request.headers.get('x-none')).toBeNull()
  expect(request.headers.has('host')).toBe(true)
  expect([...request.headers.keys()]).toEqual(['content-type', 'host', 'x-a'])
  expect(Object.fromEntries(request.headers)).toMatchObject({ 'x-a': '1, 2' })
  expect(new Headers(request.headers).get('x-a')).toBe('1, 2')
  expect(request.bodyUsed).toBe(false)
  expect(await request.json()).toEqual({ a: 1 })
  expect(request.bodyUsed).toBe(true)
})

test('a body that was read as bytes is used up, as that of a real one', async () => {
  const { request } = aRequest(Buffer.from('body'))
  expect(Buffer.from(await request.arrayBuffer()).toString()).toBe('body')
  expect(request.bodyUsed).toBe(true)
  await expect(request.arrayBuffer()).rejects.toThrow(TypeError)
})

test('a change of its headers is seen by every later reader', () => {
  const { request } = aRequest()
  expect(request.headers.get('x-a')).toBe('1, 2')
  request.headers.set('X-A', '3')
  request.headers.delete('host')
  expect(request.headers.get('x-a')).toBe('3')
  expect(request.headers.has('host')).toBe(false)
})

test('a clone is a real request with the same signal', async () => {
  const { abort, request } = aRequest(Buffer.from('body'))
  const clone = new Request(request.clone(), { headers: { 'x-b': '1' } })
  abort.abort()
  expect(clone.signal.aborted).toBe(true)
  expect(request.signal.aborted).toBe(true)
})

test('a request with a streamed body is a real one, so that it can be wrapped', async () => {
  const stream = Readable.from([Buffer.from('a'), Buffer.from('b')])
  const abort = () => new AbortController()
  const request = createLeanRequest('POST', 'http://app:1/x', ['x-a', '1'], stream, abort)
  const wrapped = new Request(request, { body: request.body, duplex: 'half' })
  expect(wrapped.headers.get('x-a')).toBe('1')
  expect(await wrapped.text()).toBe('ab')
})

test('a lean request fails loudly where only a real one will do', () => {
  expect(() => new Request(aRequest().request)).toThrow(TypeError)
})
