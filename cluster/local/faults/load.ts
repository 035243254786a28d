import { setTimeout as sleep } from 'node:timers/promises'
import { describe, edit, follow, post, remove } from './acts.ts'
import { createInsist, type Insist } from './insist.ts'
import { login, type Member, refresh, register, rename } from './member.ts'
import type { Traffic } from './traffic.ts'

export type Load = {
  members: readonly Member[]
  /** Resolves once every member has the answer to the last request. */
  stop(): Promise<void>
}

const writers = 10
const readers = 4
const pauseMs = 150
const newcomerMs = 1_000

/** Starts members that write, new members that register, and readers that do not repeat failed requests. */
export async function startLoad(traffic: Traffic): Promise<Load> {
  const stopping = new AbortController()
  const insist = createInsist(traffic)
  const members: Member[] = []
  for (let n = 0; n < writers; n += 1) {
    const member = await register(insist)
    await post(insist, member)
    members.push(member)
  }
  const active = [...members]
  const loop = (work: () => Promise<unknown>, ms: number) =>
    again(work, ms, stopping.signal).catch((error: unknown) => {
      traffic.violations.push(`A member gave up: ${error}`)
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
  if (item === undefined) throw new Error('The list is empty.')
  return item
}

async function again(work: () => Promise<unknown>, ms: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await work()
    await sleep(ms)
  }
}
