import { setTimeout } from 'node:timers/promises'
import { register } from './start-platform.ts'

/** A request that takes longer counts as starved and fails. */
const waitMsMax = 20_000
/** The pause between the requests of a user. */
const pauseMs = 20

/** Sends the usual requests of a member, four at once. */
export async function ordinaryTraffic(url: string) {
  const { token, userId } = await register(url, 'ordinary')
  const authorization = `Bearer ${token}`
  const statuses: number[] = []
  let isOver = false

  async function ask(path: string, options: RequestInit = {}): Promise<void> {
    const signal = AbortSignal.timeout(waitMsMax)
    const response = await fetch(`${url}${path}`, { ...options, signal })
    await response.arrayBuffer()
    statuses.push(response.status)
  }

  const post = {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: '{"text_content":"ordinary words"}',
  }
  const calls = [
    () => ask(`/users/${userId}`),
    () => ask('/users/me', { headers: { authorization } }),
    () => ask('/posts/search?q=words'),
    () => ask('/posts', post),
  ]
  const running = Promise.all(
    calls.map(async (call) => {
      while (!isOver) {
        await call()
        await setTimeout(pauseMs)
      }
    }),
  )
  // `end` rejects with the failure; until then the rejection must not be unhandled.
  running.catch(() => undefined)
  return {
    statuses,
    /** Rejects when a request got no answer in time. */
    async end(): Promise<void> {
      isOver = true
      await running
    },
  }
}
