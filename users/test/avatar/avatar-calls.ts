import { expect } from 'vitest'
import { z } from 'zod'
import { avatarObjects } from '../../src/avatar/objects.ts'
import { postgresAvatars } from '../../src/avatar/store-postgres.ts'
import { sweepAvatars } from '../../src/avatar/sweep.ts'
import { type AvatarSize, avatarSchema } from '../../src/profile/avatar.ts'
import type { TestUsers } from '../start-users.ts'

const profileSchema = z.object({ avatar: avatarSchema.nullable() })

/** The avatar in an answer, which is as documented. */
export const answerOf = async (response: Response) => avatarSchema.parse(await response.json())

type Headers = Record<string, string>

/** What the tests of avatars ask a service for, and what they look at behind it. */
export function avatarCalls(users: Pick<TestUsers, 'request' | 'blobs' | 'sql'>) {
  const { request, blobs, sql } = users
  const put = (headers: Headers, body: RequestInit['body'], more: Headers = {}) =>
    request('/users/me/avatar', {
      method: 'PUT',
      headers: { ...headers, ...more },
      body: body ?? null,
      ...(body instanceof ReadableStream && { duplex: 'half' }),
    })

  async function keysThere(prefix = 'avatars/'): Promise<string[]> {
    const { items, next } = await blobs.list(prefix)
    expect(next).toBe(null)
    return items.map(({ key }) => key)
  }

  /** Both directions: nothing is there that no row knows of, and nothing is missing that a row promises. */
  async function expectObjectsAreRows(): Promise<void> {
    const rows = await sql<{ user_id: number; hash: string; is_current: boolean }[]>`
      select user_id, hash, is_current
      from avatar`
    const promised = rows.flatMap(({ user_id, hash }) =>
      [256, 512, 64].map((size) => `avatars/${user_id}/${hash}-${size}.webp`),
    )
    expect(await keysThere()).toEqual(promised.sort())
    expect(rows.filter((row) => !row.is_current)).toEqual([])
  }

  const store = postgresAvatars(sql)
  const sweep = sweepAvatars({
    avatars: store,
    objects: avatarObjects({ avatars: store, blobs, log: { warn: () => {} } }),
  })

  return {
    put,
    keysThere,
    expectObjectsAreRows,
    remove: (headers: Headers) => request('/users/me/avatar', { method: 'DELETE', headers }),
    read: (userId: number, query = '', headers: Headers = {}) =>
      request(`/users/${userId}/avatar${query}`, { headers }),
    async statusOf(userId: number): Promise<number> {
      const response = await request(`/users/${userId}/avatar`)
      await response.body?.cancel()
      return response.status
    },
    /** Sets it and answers the bytes of a size. */
    async shown(headers: Headers, body: Uint8Array, size: AvatarSize = 64): Promise<Uint8Array> {
      const response = await put(headers, Buffer.from(body))
      expect(response.status, await response.clone().text()).toBe(200)
      const { sizes } = await answerOf(response)
      return new Uint8Array(await (await request(sizes[size])).arrayBuffer())
    },
    /** As the one that runs every few seconds. */
    sweep: () => sweep(new AbortController().signal),
    /** How many sets are not current. */
    countUnused: async () => (await store.listUnused(1_000)).length,
    async urlInProfile(userId: number): Promise<string | null> {
      const profile = await (await request(`/users/${userId}`)).json()
      return profileSchema.parse(profile).avatar?.url ?? null
    },
  }
}
