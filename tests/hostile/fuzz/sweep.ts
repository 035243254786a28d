import fc from 'fast-check'
import type { Operation } from './document.ts'
import { type Draft, goodDrafts } from './draft.ts'
import { hostileHeaders, hostileTexts } from './hostile.ts'
import { forgedCursors, type Known } from './known.ts'
import type { Value } from './values.ts'

type Field = { place: 'path' | 'query' | 'header' | 'body'; name: string }

/** Otherwise valid requests with every hostile text in every field, because random draws would miss some. */
export function sweepOf(operation: Operation, seed: number): Draft[] {
  const cases = fieldsOf(operation).flatMap((field) => {
    const texts = field.place === 'header' ? hostileHeaders : hostileTexts
    const forged = field.name === 'cursor' ? forgedCursors : []
    return [...texts, ...forged].map((value) => ({ field, value }))
  })
  if (cases.length === 0) return []
  const good = fc.sample(goodDrafts(operation), { seed, numRuns: cases.length })
  return good.flatMap((draft, at) => {
    const { field, value } = cases[at] ?? {}
    return field && value !== undefined ? withField(draft, field, value) : []
  })
}

function fieldsOf({ parameters, requestBody, schemas }: Operation): Field[] {
  const reference = requestBody?.content['application/json']?.schema.$ref?.replace(/^.*\//, '')
  const body = Object.keys(schemas[reference ?? '']?.properties ?? {})
  return [
    ...parameters.map(({ in: place, name }) => ({ place, name })),
    ...body.map((name) => ({ place: 'body' as const, name })),
  ]
}

function withField(draft: Draft, { place, name }: Field, value: string | Known): Draft {
  const others = <T>(pairs: readonly (readonly [string, T])[]) =>
    pairs.filter(([known]) => known !== name)
  if (place === 'path') return { ...draft, path: { ...draft.path, [name]: value } }
  if (place === 'query') return { ...draft, query: [...others(draft.query), [name, value]] }
  if (place === 'header') return { ...draft, headers: [...others(draft.headers), [name, value]] }
  const { body } = draft
  if (!body || !('value' in body.content) || !isObject(body.content.value)) return draft
  const fields = { ...body.content.value, [name]: value }
  return { ...draft, body: { ...body, content: { ...body.content, value: fields } } }
}

function isObject(value: Value): value is { [name: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
