import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'

const run = promisify(execFile)

test('the first walk of the README works as it is pasted', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const blocks = [...readme.matchAll(/```bash\n(.*?)```/gs)].map(([, block]) => block ?? '')
  const walk = blocks.find((block) => block.includes('/auth/registration')) ?? ''
  const name = `readme.${randomBytes(6).toString('hex')}`
  const script = walk
    .replace('http://localhost:9080', inject('baseUrl'))
    .replaceAll('testusername', name)
    .replaceAll('testemail', name)
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script])
  expect(stdout).toContain(`"username":"${name}"`)
  expect(stdout).toContain('"text_content":"My test text post!"')
  expect(stdout).toContain('"items":[{"post_id"')
})
