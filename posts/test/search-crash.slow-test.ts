import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { checkIndex } from '../src/search/check.ts'
import { startSearch } from './start-search.ts'

const [services, killsEach] = [2, 4]
const writesMin = 1_000
const file = fileURLToPath(new URL('search-writer.ts', import.meta.url))

const line = z.object({ postId: z.string(), text: z.string().nullable(), done: z.boolean() })
type Line = z.output<typeof line>

/** Ends the writer at a random moment after it has been told of so many writes. Answers what it was told. */
async function writeUntilKilled(url: string, ownerUrl: string, writes: number): Promise<Line[]> {
  const env = { PATH: process.env.PATH, DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl }
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const lines: Line[] = []
  for await (const text of createInterface({ input: child.stdout })) {
    lines.push(line.parse(JSON.parse(text)))
    if (lines.filter(({ done }) => done).length === writes) {
      setTimeout(() => child.kill('SIGKILL'), Math.random() * 20)
    }
  }
  expect(await closed).toEqual([null, 'SIGKILL'])
  return lines
}

test('services that are killed again and again keep what they told, and the search is right', async () => {
  await using search = await startSearch()
  const lines: Line[] = []
  const writers = Array.from({ length: services }, async () => {
    for (let killed = 0; killed < killsEach; killed += 1) {
      const writes = writesMin / services / killsEach
      lines.push(...(await writeUntilKilled(search.url, search.ownerUrl, writes)))
    }
  })
  await Promise.all(writers)
  expect(lines.filter(({ done }) => done).length).toBeGreaterThanOrEqual(writesMin)

  await using _ = search.start()
  await search.indexed()
  const report = await checkIndex(search)
  expect(report).toMatchObject({ differences: [], waiting: 0 })
  expect(report.index).toEqual(report.posts)

  const rows = await search.sql<{ post_id: string; text_content: string }[]>`
    select post_id, text_content
    from post`
  const texts = new Map(rows.map((row) => [row.post_id, row.text_content]))
  const told = Map.groupBy(lines, ({ postId }) => postId)
  const wrong = [...told].filter(([postId, said]) => {
    const last = said.at(-1)
    // What was asked for, and not answered, may have been done or not.
    const allowed = last?.done ? [last.text] : said.map(({ text }) => text)
    return !allowed.includes(texts.get(postId) ?? null)
  })
  expect(wrong).toEqual([])
}, 240_000)
