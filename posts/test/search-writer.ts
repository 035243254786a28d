import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { createLog } from '@ego/kit/process/log'
import { testIdentity, testIssuer } from '@ego/kit/testing/identity'
import { loadConfig } from '../src/config.ts'
import { wirePosts } from '../src/wire.ts'

// A service that writes to itself until it is killed. What it was told is on stdout before it goes on.

const identity = await testIdentity()
const config = loadConfig({ ...process.env, ISSUER: testIssuer })
const bus = memoryBus({ consumers: ['posts'] })
const log = createLog('posts', 'silent')
const service = await wirePosts(config, { log, bus, fetch: identity.fetch })
await service.start()

async function send(method: string, path: string, userId: number, text?: string) {
  const response = await service.app.request(path, {
    method,
    headers: {
      ...(await identity.headers({ userId })),
      'content-type': 'application/json',
    },
    ...(text !== undefined && { body: JSON.stringify({ text_content: text }) }),
  })
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}.`)
  return response.status === 204 ? null : Object(await response.json())
}

/** `null` is a post that was deleted; a line without `done` says what is about to be asked for. */
function tell(line: { postId: string; text: string | null; done: boolean }): Promise<void> {
  return new Promise((resolve) =>
    process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve()),
  )
}

async function write(userId: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    const first = `first ${n}`
    const { post_id: postId } = await send('POST', '/posts', userId, first)
    await tell({ postId, text: first, done: true })
    if (n % 3 === 0) continue
    const text = n % 3 === 1 ? `second ${n}` : null
    await tell({ postId, text, done: false })
    const method = text === null ? 'DELETE' : 'PATCH'
    await send(method, `/posts/${postId}`, userId, text ?? undefined)
    await tell({ postId, text, done: true })
  }
}

await Promise.all([1, 2, 3, 4].map(write))
