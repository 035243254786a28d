import { setTimeout as sleep } from 'node:timers/promises'
import { describe, edit, follow, post, remove } from './acts.ts'
import { type Insist, insisting } from './insist.ts'
import { login, type Member, refresh, register, rename } from './member.ts'
import type { Traffic } from './traffic.ts'

export type Load = {
  members: readonly Member[]
  /** Resolves once everybody has an answer to what they had asked last. */
  stop(): Promise<void>
}

const writers = 10
const readers = 4
const pauseMs = 150
const newcomerMs = 1_000

/** Members that write what they must find again, newcomers, and readers that take every answer as it is. */
export async function startLoad(traffic: Traffic): Promise<Load> {
  const stopping = new AbortController()
  const insist = insisting(traffic)
  const members: Member[] = []
  for (let n = 0; n < writers; n += 1) {
    const member = await register(insist)
    await post(insist, member)
    members.push(member)
  }
  const active = [...members]
  const loop = (work: () => Promise<unknown>, ms: number) =>
    again(work, ms, stopping.signal).catch((error: unknown) => {
      traffic.violations.push(`Somebody gave up: ${error}`)
    })
  const loops = [
    ...active.map((member) => loop(() => chosen(writes)(insist, member, active), pauseMs)),
    ...Array.from({ length: readers }, () => {
      return loop(() => chosen(reads)(traffic, chosen(active)), pauseMs)
    }),
    loop(async () => void members.push(await register(insist)), newcomerMs),
  ]
  return {
    members,
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

type Write = (insist: Insist, member: Member, others: Member[]) => Promise<void>

const writes: Write[] = [
  post,
  post,
  edit,
  remove,
  describe,
  login,
  refresh,
  rename,
  async (insist, member, others) => {
    const other = chosen(others)
    if (other !== member) await follow(insist, member, other)
  },
]

type Read = (traffic: Traffic, member: Member) => Promise<unknown>

const reads: Read[] = [
  ({ call }, { userId }) => call('read profile', `/users/${userId}`),
  ({ call }, { token }) => call('read own profile', '/users/me', { token }),
  ({ call }, { userId }) => call('list posts', `/posts?creator_id=${userId}`),
  ({ call }, { word }) => call('search', `/posts/search?q=${word}`),
  ({ call }, { token, word }) => call('search', `/posts/search?q=${word}`, { token }),
  ({ call }, { token }) => call('feed', '/posts/feed', { token }),
  ({ call }, { username }) => call('search people', `/users?query=${username}`),
]

function chosen<T>(items: readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)]
  if (item === undefined) throw new Error('There is nothing to choose from.')
  return item
}

async function again(work: () => Promise<unknown>, ms: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await work()
    await sleep(ms)
  }
}
