import { z } from 'zod'
import { readCursor } from './cursor.ts'
import { type Known, type Part, usedUp } from './known.ts'
import { type Facts, jsonOf, type People } from './people.ts'

/**
 * The accounts, posts and so on for the requests of one operation. Each operation has its own world, because some operations
 * end sessions or erase accounts, and must not spoil the requests of another.
 */
export type World = {
  read(known: Known): Promise<string>
  /** Forgets the parts of a request when the answer says that they are used up, so that they are created again. */
  renew(used: ReadonlySet<string>, code: string): void
}

export function createWorld(people: People, operation: { key: string; path: string }): World {
  const parts = new Map<Part, Promise<Facts>>()
  const makers = makersOf(people, part, operation)

  function part(name: Part): Promise<Facts> {
    const made = parts.get(name) ?? makers[name]()
    parts.set(name, made)
    return made
  }

  return {
    async read({ known, field }) {
      return (await part(known))[field] ?? ''
    },
    renew(used, code) {
      for (const name of parts.keys()) {
        if (!usedUp[code]?.some((each) => used.has(each) && each.startsWith(`${name}.`))) continue
        parts.delete(name)
        for (const other of ownedParts[name] ?? []) parts.delete(other)
      }
    },
  }
}

/** Parts that must be renewed together with their owner. */
const ownedParts: Partial<Record<Part, readonly Part[]>> = {
  owner: ['session', 'ownPost', 'cursor'],
  other: ['otherPost', 'cursor'],
}

type Find = (name: Part) => Promise<Facts>

function makersOf(people: People, part: Find, { key, path }: { key: string; path: string }) {
  const { call, register, addProfile, addAvatar, signIn, makeStaff, mailbox } = people

  async function aMember(): Promise<Facts> {
    const member = await register()
    await addProfile(member)
    return member
  }

  async function aPost({ token }: Facts): Promise<Facts> {
    const body = { text_content: 'a test post of the fuzz' }
    const answer = await call('POST', '/posts', { token, body })
    const { post_id } = z.object({ post_id: z.string() }).parse(jsonOf(answer))
    return { id: post_id, etag: String(answer.headers.etag) }
  }

  async function befriend(one: Facts, other: Facts): Promise<void> {
    await call('PUT', `/users/me/following/${other.id}`, { token: one.token })
    await call('PUT', `/users/me/following/${one.id}`, { token: other.token })
  }

  const makers: Record<Part, () => Promise<Facts>> = {
    async owner() {
      if (key !== 'POST /users') return aMember()
      const bare = await register()
      // Registrations arrive in order: once a later one has arrived, this one has too.
      await aMember()
      return bare
    },
    other: aMember,
    staff: makeStaff,
    session: async () => {
      const { session = '' } = await signIn(await part('owner'))
      return { id: session }
    },
    ownPost: async () => aPost(await part('owner')),
    otherPost: async () => aPost(await part('other')),
    async pictured() {
      const member = await aMember()
      await addAvatar(member)
      return member
    },
    async verification() {
      const { email = '' } = await register()
      return { token: await mailbox.readToken('welcome_verify', email) }
    },
    async reset() {
      const { email = '' } = await register()
      await call('POST', '/auth/password/forgot', { body: { user_email: email } })
      return { token: await mailbox.readToken('password_reset', email) }
    },
    async cursor() {
      const [owner, other, third] = [await part('owner'), await part('other'), await aMember()]
      const { token } = path.startsWith('/auth/admin/') ? await part('staff') : owner
      // Two of each, so that a page of one has a next page.
      for (const each of [owner, owner]) await aPost(each)
      for (const each of [owner, third]) await befriend(each, other)
      return readCursor(people, path.replace('{user_id}', String(other.id)), token)
    },
  }
  return makers
}
