import type { Caller } from './caller.ts'
import type { Operation } from './document.ts'
import type { Draft, Text } from './draft.ts'
import type { Known } from './known.ts'
import { manglings } from './mangling.ts'
import type { Value } from './values.ts'
import type { Wire } from './wire.ts'
import type { World } from './world.ts'

type Filled = { wire: Wire; used: ReadonlySet<string> }

/** Builds the request of a draft with things that exist in the world. */
export async function fill(operation: Operation, draft: Draft, world: World): Promise<Filled> {
  const used = new Set<string>()
  const read = (known: Known) => {
    used.add(`${known.known}.${known.field}`)
    return world.read(known)
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of draft.headers) headers[name] = textOf(await resolve(value, read))
  const authorization = await authorizationOf(draft.caller, read)
  if (authorization !== null) headers.authorization = authorization
  const { body } = draft
  if (body && body.type !== null) headers['content-type'] = body.type
  const wire = {
    method: operation.method,
    target: `${await pathOf(operation, draft, read)}${await queryOf(draft, read)}`,
    headers,
    body: body && (await bytesOf(body.content, read)),
    isChunked: body?.isChunked ?? false,
  }
  return { wire, used }
}

type Read = (known: Known) => Promise<string>

async function authorizationOf(caller: Caller, read: Read): Promise<string | null> {
  if (caller === null) return null
  if ('authorization' in caller) return caller.authorization
  const { token, scheme, rest } = caller
  return `${scheme}${await read({ known: token, field: 'token' })}${rest}`
}

async function pathOf({ path }: Operation, draft: Draft, read: Read): Promise<string> {
  const parts = path.split('/').map((part) => {
    const name = /^\{(.+)\}$/.exec(part)?.[1]
    return name === undefined ? part : encoded(draft.path[name] ?? '', read)
  })
  return (await Promise.all(parts)).join('/')
}

async function queryOf({ query }: Draft, read: Read): Promise<string> {
  const pairs = query.map(
    async ([name, value]) => `${percentEncoded(name)}=${await encoded(value, read)}`,
  )
  return pairs.length > 0 ? `?${(await Promise.all(pairs)).join('&')}` : ''
}

async function encoded(text: Text, read: Read): Promise<string> {
  return isRaw(text) ? text.raw : percentEncoded(textOf(await resolve(text, read)))
}

/** Half a surrogate pair cannot be encoded; encodeURIComponent would throw. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

async function bytesOf(content: NonNullable<Draft['body']>['content'], read: Read) {
  if ('base64' in content) return Buffer.from(content.base64, 'base64')
  return manglings[content.mangling](JSON.stringify(await resolve(content.value, read)))
}

function textOf(value: Value): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

async function resolve(value: Value, read: Read): Promise<Value> {
  if (typeof value !== 'object' || value === null) return value
  if (isKnown(value)) return read(value)
  if (Array.isArray(value)) return Promise.all(value.map((each) => resolve(each, read)))
  const entries = Object.entries(value).map(
    async ([name, each]) => [name, await resolve(each ?? null, read)] as const,
  )
  // Not assigned, because a field may be called __proto__.
  return Object.fromEntries(await Promise.all(entries))
}

function isKnown(value: object): value is Known {
  return 'known' in value && 'field' in value
}

function isRaw(text: Text): text is { raw: string } {
  return typeof text === 'object' && text !== null && 'raw' in text
}
