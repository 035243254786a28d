import { setTimeout as sleep } from 'node:timers/promises'
import { type ServiceName, serviceNames } from '../../../contracts/services.ts'
import { connectPostgres, type Sql } from '../../../kit/postgres/postgres.ts'
import type { Platform } from '../platform.ts'
import type { Member } from './member.ts'
import type { Traffic } from './traffic.ts'

const quietMsMax = 60_000

type After = { platform: Platform; traffic: Traffic; members: readonly Member[] }

/** Waits until every outbox is empty, every mail is sent, and every name and follow has arrived. Resolves with the time it took. */
export async function waitUntilQuiet(after: After): Promise<number> {
  const from = performance.now()
  let waits: string[] = []
  do {
    waits = await listWaiting(after)
    if (waits.length === 0) return performance.now() - from
    await sleep(250)
  } while (performance.now() - from < quietMsMax)
  after.traffic.violations.push(`Still waiting after ${quietMsMax / 1_000} s: ${waits.join(', ')}.`)
  return quietMsMax
}

async function listWaiting({ platform, members }: After): Promise<string[]> {
  const waits: string[] = []
  const open = (name: ServiceName) =>
    connectPostgres({ url: platform.databases.adminUrl(name), max: 1 })
  for (const name of serviceNames) {
    await using sql = open(name)
    const [outbox] = await sql<[{ count: number }]>`
      select count(*)::int as count from outbox where published_at is null`
    if (outbox.count > 0) waits.push(`${outbox.count} events of ${name}`)
  }
  await using mail = open('mail')
  const [mails] = await mail<[{ count: number }]>`
    select count(*)::int as count from message where state <> 'sent'`
  if (mails.count > 0) waits.push(`${mails.count} mails`)
  const acknowledged = members
    .flatMap(({ userId, following }) => [...following].map((followed) => `${userId} ${followed}`))
    .toSorted()
    .join()
  await using users = open('users')
  await using posts = open('posts')
  for (const [name, sql] of [
    ['users', users],
    ['posts', posts],
  ] as const) {
    const missing = await countUnknown(name, sql, members)
    if (missing > 0) waits.push(`${missing} names in ${name}`)
    const follows = await listFollows(sql)
    if (follows !== acknowledged) waits.push(`follows in ${name}`)
  }
  return waits
}

async function listFollows(sql: Sql): Promise<string> {
  const rows = await sql<{ pair: string }[]>`
    select follower_id || ' ' || followed_id as pair from follow`
  return rows
    .map(({ pair }) => pair)
    .toSorted()
    .join()
}

async function countUnknown(name: 'users' | 'posts', sql: Sql, members: readonly Member[]) {
  const rows =
    name === 'users'
      ? await sql<{ username: string }[]>`select username from account`
      : await sql<{ username: string }[]>`select username from author`
  const known = new Set(rows.map(({ username }) => username))
  return members.filter(({ username }) => !known.has(username)).length
}
