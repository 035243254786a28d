import { engineAwayCode } from '../engine-away.ts'
import type { Log } from '../log.ts'
import type { RedisConnection } from './connection.ts'

type Setting = { name: string; isSafe(value: string): boolean; warning: string }

const settings: Setting[] = [
  {
    name: 'appendonly',
    isSafe: (value) => value === 'yes',
    warning:
      'Redis keeps events in memory only: what it holds is lost when it ends. Set appendonly.',
  },
  {
    name: 'maxmemory-policy',
    isSafe: (value) => !value.startsWith('allkeys-'),
    warning: 'Redis may evict all events when its memory is full. Set maxmemory-policy noeviction.',
  },
]

/** How Redis is set up is up to its operator, who hears here what events need. */
export async function warnOfSettings(
  { ask }: Pick<RedisConnection, 'ask'>,
  log: Pick<Log, 'warn'>,
): Promise<void> {
  for (const { name, isSafe, warning } of settings) {
    const value = await readSetting(ask, name)
    if (value !== null && !isSafe(value)) log.warn({ [name]: value }, warning)
  }
}

/** `null` where Redis does not tell: many a hosted one has no CONFIG. */
async function readSetting(ask: RedisConnection['ask'], name: string): Promise<string | null> {
  try {
    const reply: unknown = await ask((client) => client.config('GET', name))
    const value: unknown = Object(reply)[1]
    return typeof value === 'string' ? value : null
  } catch (error) {
    if (Object(error).code === engineAwayCode) throw error
    return null
  }
}
