import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { ConfigError, readConfig } from './config.ts'

const schema = z.object({
  NAME: z.string(),
  PORT: z.coerce.number().int().default(1),
  KEY: z.url(),
})
const complete = { NAME: 'ego', KEY: 'http://localhost' }
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ego-config-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('variables are read by the schema, with its defaults', () => {
  expect(readConfig(schema, { ...complete, OTHER: 'x' })).toEqual({ ...complete, PORT: 1 })
})

test('an empty variable counts as not set', () => {
  expect(readConfig(schema, { ...complete, PORT: '' }).PORT).toBe(1)
})

test('every bad variable is named at once', () => {
  const problems = problemsOf({ PORT: 'many', KEY: 'nowhere' })
  expect(problems).toHaveLength(3)
  expect(problems.map((line) => line.split(/[: ]/)[0])).toEqual(['NAME', 'PORT', 'KEY'])
})

test('the value of a bad variable is not shown, because it may be a secret', () => {
  expect(problemsOf({ NAME: 'ego', KEY: 'hunter2' }).join()).not.toContain('hunter2')
})

test('a variable may come from a file, without its last line break', () => {
  const file = join(folder, 'name')
  writeFileSync(file, 'from a file\n')
  expect(readConfig(schema, { NAME_FILE: file, KEY: complete.KEY }).NAME).toBe('from a file')
})

test('a file that is not there is named once', () => {
  const problems = problemsOf({ NAME_FILE: join(folder, 'missing'), KEY: complete.KEY })
  expect(problems).toEqual([`NAME_FILE names ${join(folder, 'missing')}, which cannot be read.`])
})

test('a variable and its file together are refused', () => {
  const problems = problemsOf({ ...complete, NAME_FILE: '/dev/null' })
  expect(problems).toEqual(['NAME and NAME_FILE are both set; set one of them.'])
})

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(schema, environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}
