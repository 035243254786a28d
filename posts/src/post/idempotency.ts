import { createHash, randomUUID } from 'node:crypto'
import type { KeyValue } from '@ego/kit/key-value'
import { Problem } from '@ego/kit/problem'

/** The same key of the same person is the same request, for a day. */
export type Once = { userId: number; key: string; body: string }

export type Outcome = { answer: string; isReplay: boolean }

const keptMs = 86_400_000
/** Whoever has run for longer was killed, and the next one takes over with the same id. */
const runningMs = 30_000

type Running = { request: string; token: string; postId: string; untilMs: number }
type Done = { request: string; answer: string }

type Deps = { keyValue: KeyValue; newId: () => Promise<string>; now: () => number }

/** Runs `work` once for a key, with an id that stays the same if it has to be run again; later ones get its answer. */
export function once({ keyValue, newId, now }: Deps) {
  return async (
    { userId, key, body }: Once,
    work: (postId: string) => Promise<string>,
  ): Promise<Outcome> => {
    const at = `once:${userId}:${digest(key)}`
    const request = digest(body)
    const claim = (postId: string): Running => ({
      request,
      token: randomUUID(),
      postId,
      untilMs: now() + runningMs,
    })
    const fresh = JSON.stringify(claim(await newId()))
    if (await keyValue.setIfAbsent(at, fresh, keptMs)) return run(at, fresh, work)

    const found = await keyValue.get(at)
    if (found === null) throw stillRunning()
    const earlier: Running | Done = JSON.parse(found)
    if (earlier.request !== request) throw otherBody()
    if ('answer' in earlier) return { answer: earlier.answer, isReplay: true }
    if (earlier.untilMs > now()) throw stillRunning()
    const next = JSON.stringify(claim(earlier.postId))
    if (!(await keyValue.setIfEquals(at, found, next, keptMs))) throw stillRunning()
    return run(at, next, work)
  }

  async function run(
    at: string,
    claimed: string,
    work: (postId: string) => Promise<string>,
  ): Promise<Outcome> {
    const { request, postId }: Running = JSON.parse(claimed)
    let answer: string
    try {
      answer = await work(postId)
    } catch (error) {
      // What was refused may be sent again in another way under the same key.
      if (error instanceof Problem) await keyValue.deleteIfEquals(at, claimed)
      // Whether anything was written is not known: the next one tries with the same id, and at once.
      else {
        const over = JSON.stringify({ ...JSON.parse(claimed), untilMs: 0 })
        await keyValue.setIfEquals(at, claimed, over, keptMs)
      }
      throw error
    }
    const done: Done = { request, answer }
    await keyValue.setIfEquals(at, claimed, JSON.stringify(done), keptMs)
    return { answer, isReplay: false }
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function stillRunning(): Problem {
  const text = 'A request with this Idempotency-Key is still running. Try again in a moment.'
  return new Problem(409, 'idempotency_key_in_use', text, { headers: { 'retry-after': '1' } })
}

function otherBody(): Problem {
  const text = 'This Idempotency-Key came with another body before. Use a new key for a new post.'
  return new Problem(422, 'idempotency_key_reused', text)
}
