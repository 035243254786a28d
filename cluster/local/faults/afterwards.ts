import { z } from 'zod'
import { serviceNames } from '../../../contracts/services.ts'
import { connectPostgres } from '../../../kit/postgres/postgres.ts'
import type { Platform } from '../platform.ts'
import { createInsist, type Insist } from './insist.ts'
import { openMailbox } from './mailbox.ts'
import { login, type Member } from './member.ts'
import { waitUntilQuiet } from './quiet.ts'
import type { Traffic } from './traffic.ts'

const atOnce = 4

type After = { platform: Platform; traffic: Traffic; members: readonly Member[] }

/** Checks that everything acknowledged is there and that nothing waits or was given up. Resolves with the time until nothing waited. */
export async function checkAfterwards(after: After): Promise<number> {
  const { platform, traffic, members } = after
  const quietMs = await waitUntilQuiet(after)
  const queue = [...members]
  const check = async () => {
    for (let member = queue.shift(); member; member = queue.shift())
      await checkMember(after, member)
  }
  await Promise.all(Array.from({ length: atOnce }, check))
  await checkMails(after)
  for (const name of serviceNames) {
    await using sql = connectPostgres({ url: platform.databases.adminUrl(name), max: 1 })
    const [letters] = await sql<[{ count: number }]>`
      select count(*)::int as count from dead_letter`
    if (letters.count > 0) traffic.violations.push(`${name}: ${letters.count} dead letters.`)
  }
  return quietMs
}

const profile = z.looseObject({
  username: z.string(),
  bio: z.string().nullish(),
  followers: z.int(),
  following: z.int(),
})
const page = z.object({
  items: z.array(
    z.looseObject({
      post_id: z.string(),
      text_content: z.string(),
      author: z.looseObject({ username: z.string() }).nullable(),
    }),
  ),
  next_cursor: z.string().nullable(),
})

async function checkMember({ traffic, members }: After, member: Member): Promise<void> {
  const insist = createInsist(traffic)
  const { userId, username, word } = member
  const expect = (what: string, found: unknown, expected: unknown) => {
    const [is, shouldBe] = [JSON.stringify(found), JSON.stringify(expected)]
    if (is === shouldBe) return
    traffic.violations.push(`${username}: ${what} is ${is}, but ${shouldBe} was acknowledged.`)
  }
  await login(insist, member)
  const shown = profile.parse((await insist('read profile', `/users/${userId}`)).body)
  expect('the name', shown.username, username)
  expect('the bio', shown.bio ?? '', member.bio)
  expect('the number of followed', shown.following, member.following.size)
  const followers = members.filter(({ following }) => following.has(userId)).length
  expect('the number of followers', shown.followers, followers)

  const expected = sorted([...member.posts])
  const listed = await listAll(insist, `/posts?creator_id=${userId}&limit=100`, member)
  expect('the list of posts', sorted(listed.map(pair)), expected)
  const found = await listAll(insist, `/posts/search?q=${word}&sort=newest&limit=100`, member)
  expect('what search finds', sorted(found.map(pair)), expected)
  const names = new Set(found.map(({ author }) => author?.username))
  if (found.length > 0) expect('the name beside the posts', [...names], [username])
}

type Item = z.output<typeof page>['items'][number]

async function listAll(insist: Insist, path: string, { token }: Member) {
  const items: Item[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const more: string = cursor && `&cursor=${cursor}`
    const answer = page.parse((await insist('list posts', `${path}${more}`, { token })).body)
    items.push(...answer.items)
    cursor = answer.next_cursor
  }
  return items
}

function pair({ post_id, text_content }: Item): [string, string] {
  return [post_id, text_content]
}

function sorted(pairs: [string, string][]): [string, string][] {
  return pairs.toSorted(([one], [other]) => (one < other ? -1 : 1))
}

/** Expects one mail for each registration. A mail that was delivered again has the same id. */
async function checkMails({ platform, traffic, members }: After): Promise<void> {
  const welcomesOf = await openMailbox(platform)
  for (const { word } of members) {
    const { size } = await welcomesOf(`f.${word}@example.com`)
    if (size !== 1) traffic.violations.push(`f.${word} got ${size} welcome mails.`)
  }
}
