import { readFileSync, writeFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { describeEvents, type EventDefinition } from '../kit/events/event.ts'

// docs/events.md is made from the definitions, so that it cannot say anything else. `--check` only compares.

const root = fileURLToPath(new URL('..', import.meta.url))
const file = `${root}docs/events.md`

const intro = `# Events

Made by \`npm run docs:events\` from the definitions in the services; do not edit it.

Every event travels as \`{ id, type, key, occurred_at, request_id, payload }\`: \`id\` is a UUIDv7 that stays the same however
often the event arrives, events of one \`key\` (the user they are about) arrive in order. A changed payload is a new type.
No password, hash, token or link is ever in an event in clear.
`

const text = `${intro}${(await listDefinitions()).map(section).join('')}`
if (!process.argv.includes('--check')) writeFileSync(file, text)
else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write('docs/events.md is not up to date: run npm run docs:events.\n')
  process.exitCode = 1
}

type Found = { service: string; definition: EventDefinition }

async function listDefinitions(): Promise<Found[]> {
  const found: Found[] = []
  // A command is a program: importing it would run it.
  const options = { cwd: root, exclude: ['*/src/commands/**'] }
  const paths = await Array.fromAsync(glob('*/src/*/events.ts', options))
  for (const path of paths.sort()) {
    const exported: Record<string, unknown> = await import(`${root}${path}`)
    for (const definition of Object.values(exported)) {
      if (isDefinition(definition)) found.push({ service: path.split('/')[0] ?? '', definition })
    }
  }
  return found
}

function isDefinition(value: unknown): value is EventDefinition {
  const shape = z.object({
    type: z.string(),
    schema: z.instanceof(z.ZodObject),
    description: z.string().min(1),
  })
  return shape.safeParse(value).success
}

function section({ service, definition }: Found): string {
  const [described] = describeEvents([definition])
  const fields = Object.entries(described?.payload.properties ?? {})
  const lines = fields.map(([name, schema]) => `- \`${name}\`: ${typeName(schema)}`)
  return `\n## \`${definition.type}\`\n\nFrom ${service}. ${definition.description}\n\n${lines.join('\n')}\n`
}

function typeName(schema: unknown): string {
  const { type, format, anyOf } = Object(schema)
  if (Array.isArray(anyOf)) return anyOf.map(typeName).join(' or ')
  const name = Array.isArray(type) ? type.join(' or ') : String(type)
  return format ? `${name} (${format})` : name
}
