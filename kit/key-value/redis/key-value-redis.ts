import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { KeyValue } from '../key-value.ts'
import type { RedisConnection } from './connection.ts'
import { isReply } from './failure.ts'

type Options = {
  redis: Pick<RedisConnection, 'ask'>
  /** Keys begin with `ego:<service>:`, so that services can share one Redis. */
  service: string
}

type Script = { lua: string; sha: string }

const setIfEquals = script(`
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1`)

/** A counter without an expiry is new: its window starts with the first count. */
const increment = script(`
  local count = redis.call('INCR', KEYS[1])
  if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
  return { count, redis.call('PTTL', KEYS[1]) }`)

const countReply = z.tuple([z.int(), z.int()])

/** Each call is one command or one script, which Redis runs alone: that makes it atomic. */
export function redisKeyValue({ redis: { ask }, service }: Options): KeyValue {
  const at = (key: string) => `ego:${service}:${key}`

  /** Runs a script by its hash, and sends it in full when Redis does not know it, as after a restart. */
  function run({ lua, sha }: Script, key: string, ...given: string[]): Promise<unknown> {
    return ask(async (client) => {
      try {
        return await client.evalsha(sha, 1, at(key), ...given)
      } catch (error) {
        if (!isReply(error) || !error.message.startsWith('NOSCRIPT')) throw error
        return await client.eval(lua, 1, at(key), ...given)
      }
    })
  }

  return {
    get: (key) => ask((client) => client.get(at(key))),
    set: async (key, value, ttlMs) =>
      void (await ask((client) => client.set(at(key), value, 'PX', wholeMs(ttlMs)))),
    setIfAbsent: async (key, value, ttlMs) =>
      (await ask((client) => client.set(at(key), value, 'PX', wholeMs(ttlMs), 'NX'))) === 'OK',
    setIfEquals: async (key, expected, value, ttlMs) =>
      (await run(setIfEquals, key, expected, value, wholeMs(ttlMs))) === 1,
    increment: async (key, ttlMs) => {
      const [count, leftMs] = countReply.parse(await run(increment, key, wholeMs(ttlMs)))
      // In its last millisecond a key still exists with 0 ms left.
      return { count, resetsInMs: Math.max(1, leftMs) }
    },
    delete: async (key) => void (await ask((client) => client.del(at(key)))),
  }
}

function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') }
}

/** Redis takes whole milliseconds, at least one. Rounding down never extends a time to live beyond that. */
function wholeMs(ms: number): string {
  return String(Math.max(1, Math.floor(ms)))
}
