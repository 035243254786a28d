import { readFile } from 'node:fs/promises'
import type { Environment } from '@ego/kit/process/config'
import { StartError } from '@ego/kit/process/start-error'
import type { z } from 'zod'
import { checkReferences } from './references.ts'
import { type GatewayFile, gatewayFileSchema } from './schema.ts'
import { readSource, type Source } from './source.ts'

/** Names every problem of the file with its place; the message is what an operator reads. */
export class GatewayFileError extends StartError {
  override name = 'GatewayFileError'
  readonly problems: readonly string[]

  constructor(message: string, options: { problems: readonly string[]; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.problems = options.problems
  }
}

const checkedSchema = gatewayFileSchema.superRefine((file, context) =>
  checkReferences(file, (path, message) => context.addIssue({ code: 'custom', path, message })),
)

/** Reads and checks the whole file before anything is changed: a bad file is never half applied. */
export async function loadGatewayFile(
  file: string,
  environment: Environment,
): Promise<GatewayFile> {
  return parseGatewayFile(file, await readText(file), environment)
}

const reasons: Record<string, string> = {
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
  ENOENT: 'it does not exist',
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const message = `${file} cannot be read: ${reasons[code] ?? code}.`
    throw new GatewayFileError(message, { problems: [message], cause: error })
  }
}

export function parseGatewayFile(
  file: string,
  text: string,
  environment: Environment,
): GatewayFile {
  const source = readSource(text, environment)
  if (source.problems.length > 0) throw refuse(file, source.problems)
  const { data, error } = checkedSchema.safeParse(source.value)
  if (data !== undefined) return data
  throw refuse(
    file,
    error.issues.flatMap((issue) => describe(issue, source)),
  )
}

function refuse(file: string, problems: readonly string[]): GatewayFileError {
  const placed = problems.map((problem) => `${file}:${problem}`)
  const message = `${file} cannot be used:\n  ${placed.join('\n  ')}`
  return new GatewayFileError(message, { problems: placed })
}

function describe(issue: z.core.$ZodIssue, source: Source): string[] {
  const { path, message } = issue
  if (issue.code === 'unrecognized_keys') {
    const reason = 'unknown key, or one that this engine does not implement'
    return issue.keys.map(
      (key) => `${source.placeOf(path, key)} ${dotted([...path, key])}: ${reason}`,
    )
  }
  if (issue.code === 'invalid_union') return describeUnion(issue, source)
  return [`${source.placeOf(path)} ${dotted(path)}: ${message}`]
}

/** Of several accepted shapes, the one that failed deepest came closest, so its issues are told. */
function describeUnion(issue: z.core.$ZodIssueInvalidUnion, source: Source): string[] {
  const depth = (issues: readonly z.core.$ZodIssue[]) =>
    Math.max(...issues.map(({ path }) => path.length))
  const closest = issue.errors.toSorted((a, b) => depth(b) - depth(a)).at(0) ?? []
  return closest.flatMap((inner) =>
    describe({ ...inner, path: [...issue.path, ...inner.path] }, source),
  )
}

/** routes[3].plugins.cors.max_age */
function dotted(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the file'
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '')
}
