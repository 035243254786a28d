import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

const folder = new URL('../../', import.meta.url)
const results = new URL('results.md', folder)
const title =
  '# Results\n\nWritten by `npm run bench`; README.md says how each number is measured.\n'

/** Each command writes its own section, and leaves those of the others as they are. */
export function writeSection(heading: string, body: string): void {
  const text = existsSync(results) ? readFileSync(results, 'utf8') : title
  writeFileSync(results, replaceSection(text, heading, body))
}

export function writePicture(name: string, svg: string): void {
  writeFileSync(new URL(name, folder), svg)
}

export function resultsPath(): string {
  return fileURLToPath(results)
}

export function replaceSection(text: string, heading: string, body: string): string {
  const section = `## ${heading}\n\n${body.trim()}\n`
  const from = text.indexOf(`## ${heading}\n`)
  if (from < 0) return `${text.trimEnd()}\n\n${section}`
  const to = text.indexOf('\n## ', from)
  return text.slice(0, from) + section + (to < 0 ? '' : text.slice(to))
}

/** What figures depend on; nothing that names a machine. */
export function conditions(): string {
  const memoryGb = Math.round(totalmem() / 2 ** 30)
  const day = new Date().toISOString().slice(0, 10)
  return `${day}, Node ${process.versions.node}, ${process.platform} ${process.arch}, ${availableParallelism()} cores, ${memoryGb} GB of memory`
}
