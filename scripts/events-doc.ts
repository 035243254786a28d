import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { events } from '../contracts/events/all.ts'
import type { EventDefinition } from '../contracts/events/definition.ts'

// docs/events.md is made from the definitions, so that it cannot say anything else. `--check` only compares.

const file = fileURLToPath(new URL('../docs/events.md', import.meta.url))

const intro = `# Events

Made by \`npm run docs:events\` from the definitions in \`contracts/events\`; do not edit it.

Every event travels as \`{ id, type, key, occurred_at, request_id, payload }\`: \`id\` is a UUIDv7 that stays the same however
often the event arrives, and events of one \`key\` (the user they are about) arrive in order. A changed payload is a new type.
No password, hash, token or link is ever in an event in clear.
`

const text = `${intro}${events.map(section).join('')}`
if (!process.argv.includes('--check')) writeFileSync(file, text)
else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write('docs/events.md is not up to date: run npm run docs:events.\n')
  process.exitCode = 1
}

function section({ type, producer, consumers, description, payload }: EventDefinition): string {
  const fields = Object.entries(z.toJSONSchema(payload).properties ?? {})
  const lines = fields.map(([name, schema]) => `- \`${name}\`: ${typeName(schema)}`)
  const readers = consumers.length > 0 ? consumers.join(' and ') : 'no service of ours'
  return `\n## \`${type}\`\n\nFrom ${producer} to ${readers}. ${description}\n\n${lines.join('\n')}\n`
}

function typeName(schema: unknown): string {
  const { type, format, anyOf } = Object(schema)
  if (Array.isArray(anyOf)) return anyOf.map(typeName).join(' or ')
  const name = Array.isArray(type) ? type.join(' or ') : String(type)
  return format ? `${name} (${format})` : name
}
