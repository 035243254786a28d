import type { Environment } from '@ego/kit/process/config'
import type { Document } from 'yaml'
import { isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'

/** A YAML text in which every value and key can be found by line and column. */
export type Source = {
  readonly value: unknown
  /** Syntax errors and missing variables, with their places. */
  readonly problems: string[]
  /** `12:5` of a key in the object at `path`, or of the value there. */
  placeOf(path: readonly PropertyKey[], key?: string): string
}

export function readSource(text: string, environment: Environment): Source {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${line}:${col}`
  }
  const problems = document.errors.map((error) => `${place(error.pos[0])} ${error.message}`)
  if (!endsWithMark(text)) {
    problems.push(
      `${place(text.length)} #END is missing at the end: APISIX would not load the file`,
    )
  }
  fillIn(document, environment, (offset, message) => problems.push(`${place(offset)} ${message}`))
  const value = problems.length > 0 ? undefined : readValue(document, problems)
  return {
    value,
    problems,
    placeOf: (path, key) => place(offsetOf(document, path, key)),
  }
}

/** An alias without its anchor is no error for the parser; it fails only when it is read. */
function readValue(document: Document, problems: string[]): unknown {
  try {
    return document.toJS()
  } catch (error) {
    problems.push(`1:1 ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

/** APISIX looks at the last ten characters only. */
function endsWithMark(text: string): boolean {
  return /#END\s*$/.test(text.slice(-10))
}

/** APISIX's rule: `${{NAME}}` or `${{NAME:=default}}`, anywhere in a string, also in keys. */
const reference = /\$\{\{\s*(\w+)(?::=(.*?))?\s*\}\}/g

function fillIn(
  document: Document,
  environment: Environment,
  report: (offset: number, message: string) => void,
): void {
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value !== 'string' || !node.value.includes('${{')) return
      const filled = node.value.replace(reference, (_whole, name: string, fallback?: string) => {
        const value = environment[name] ?? fallback?.trim()
        if (value === undefined)
          report(node.range?.[0] ?? 0, `${name} is not set and has no default`)
        return value ?? ''
      })
      if (filled.includes('${{')) {
        report(
          node.range?.[0] ?? 0,
          'has a reference that APISIX would not fill: no space before :=',
        )
      }
      node.value = typed(filled)
    },
  })
}

/** A filled-in value that reads as a number or a boolean becomes one, as in APISIX. */
function typed(filled: string): string | number | boolean {
  if (/^\s*-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(filled)) return Number(filled)
  if (filled === 'true' || filled === 'false') return filled === 'true'
  return filled
}

function offsetOf(document: Document, path: readonly PropertyKey[], key?: string): number {
  let node: unknown = document.contents
  let offset = 0
  for (const step of key === undefined ? path : [...path, key]) {
    const found = childOf(node, step)
    if (found === null) break
    offset = found.offset
    node = found.node
  }
  return offset
}

function childOf(node: unknown, step: PropertyKey): { node: unknown; offset: number } | null {
  if (isSeq(node)) {
    const item: unknown = node.items[Number(step)]
    return item === undefined ? null : { node: item, offset: startOf(item) }
  }
  if (!isMap(node)) return null
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
  return pair === undefined ? null : { node: pair.value, offset: startOf(pair.key) }
}

function startOf(node: unknown): number {
  return isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0
}
