import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { z } from 'zod'
import { readMigrationFiles } from '../kit/postgres/migrate-files.ts'

/** Every part that reads environment variables, and where. */
const configurations: Record<string, string> = {
  auth: 'auth/src/config.ts',
  users: 'users/src/config.ts',
  posts: 'posts/src/config.ts',
  mail: 'mail/src/config.ts',
  embedded: 'embedded/src/config.ts',
  gateway: 'apisix/gateway/config.ts',
}

const root = fileURLToPath(new URL('..', import.meta.url))

const problems = [
  ...(await checkMigrations()),
  ...(await checkEnvironment()),
  ...checkDecisions(join(root, 'docs/decisions')),
]
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.exitCode = problems.length > 0 ? 1 : 0

async function checkMigrations(): Promise<string[]> {
  const parts = readdirSync(root).filter((name) => existsSync(join(root, name, 'migrations')))
  const checks = parts.map((name) =>
    readMigrationFiles({ name, folder: pathToFileURL(join(root, name, 'migrations/')) }),
  )
  const results = await Promise.allSettled(checks)
  return results.flatMap((result) =>
    result.status === 'rejected' ? [sentence(result.reason)] : [],
  )
}

async function checkEnvironment(): Promise<string[]> {
  const example = join(root, '.env.example')
  if (!existsSync(example)) return ['.env.example is missing.']
  const shown = variablesIn(readFileSync(example, 'utf8'))
  const found: string[] = []
  const read = new Set<string>()
  for (const [part, file] of Object.entries(configurations)) {
    const { names, problem } = await variablesOf(file)
    if (problem) found.push(problem)
    for (const name of names) {
      read.add(name)
      if (!shown.has(name)) found.push(`.env.example does not show ${name}, which ${part} reads.`)
    }
  }
  for (const name of variablesOfRoutes()) {
    read.add(name)
    if (!shown.has(name)) found.push(`.env.example does not show ${name}, which apisix.yaml reads.`)
  }
  const unknown = [...shown].filter((name) => !read.has(name))
  return [...found, ...unknown.map((name) => `.env.example shows ${name}, which nothing reads.`)]
}

function variablesIn(text: string): Set<string> {
  const names = [...text.matchAll(/^(?:#\s?)?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name ?? '')
  // NAME_FILE is another way to give NAME.
  return new Set(names.map((name) => name.replace(/_FILE$/, '')))
}

/** `${{NAME}}` and `${{NAME:=default}}` in the files of the gateway. */
function variablesOfRoutes(): string[] {
  const texts = ['apisix/apisix.yaml', 'apisix/config.yaml'].map((file) =>
    readFileSync(join(root, file), 'utf8'),
  )
  const names = texts.join('\n').matchAll(/\$\{\{\s*([A-Z][A-Z0-9_]*)/g)
  return [...new Set([...names].map(([, name]) => name ?? ''))]
}

/** A file that is missing or broken is a problem of its own: what it would read is not known then. */
async function variablesOf(file: string): Promise<{ names: string[]; problem?: string }> {
  const path = join(root, file)
  if (!existsSync(path)) return { names: [], problem: `${file} is missing.` }
  try {
    const module: { configSchema?: z.ZodObject } = await import(pathToFileURL(path).href)
    const names = Object.keys(module.configSchema?.shape ?? {})
    if (names.length > 0) return { names }
    return { names, problem: `${file} does not export a zod object named configSchema.` }
  } catch (error) {
    return { names: [], problem: `${file} cannot be loaded: ${sentence(error)}` }
  }
}

function checkDecisions(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .flatMap((name, index) => {
      const expected = `${String(index + 1).padStart(4, '0')}-`
      if (!/^\d{4}-[a-z0-9]+(-[a-z0-9]+)*\.md$/.test(name)) {
        return [`docs/decisions/${name} must be named NNNN-title.md, in kebab-case.`]
      }
      return name.startsWith(expected)
        ? []
        : [`docs/decisions/${name} is out of order: ${expected} was expected.`]
    })
}

function sentence(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}
