import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Insist } from './insist.ts'
import type { Member } from './member.ts'

const created = z.object({ post_id: z.string() })

/** A member keeps at least this many posts, so that there is always one to edit. */
const postsMin = 3

export async function describe(insist: Insist, member: Member): Promise<void> {
  const bio = randomBytes(8).toString('hex')
  const { token } = member
  await insist('edit profile', '/users/me', { method: 'PATCH', token, body: { bio } })
  member.bio = bio
}

/** Follows the other member, or unfollows one that is followed already. */
export async function follow(insist: Insist, member: Member, { userId }: Member): Promise<void> {
  const isNew = !member.following.has(userId)
  const method = isNew ? 'PUT' : 'DELETE'
  await insist('follow', `/users/me/following/${userId}`, { method, token: member.token })
  if (isNew) member.following.add(userId)
  else member.following.delete(userId)
}

export async function post(insist: Insist, member: Member): Promise<void> {
  const text_content = `${member.word} ${randomBytes(8).toString('hex')}`
  const answer = await insist('post', '/posts', {
    method: 'POST',
    token: member.token,
    body: { text_content },
    headers: { 'idempotency-key': randomBytes(12).toString('hex') },
    refusals: [409],
  })
  member.posts.set(created.parse(answer.body).post_id, text_content)
}

export async function edit(insist: Insist, member: Member): Promise<void> {
  const postId = [...member.posts.keys()].at(-1)
  if (!postId) return
  const text_content = `${member.word} edited ${randomBytes(8).toString('hex')}`
  const { token } = member
  await insist('edit', `/posts/${postId}`, { method: 'PATCH', token, body: { text_content } })
  member.posts.set(postId, text_content)
}

export async function remove(insist: Insist, member: Member): Promise<void> {
  const [postId] = member.posts.keys()
  if (!postId || member.posts.size <= postsMin) return
  const { token } = member
  await insist('delete', `/posts/${postId}`, { method: 'DELETE', token, refusals: [404] })
  member.posts.delete(postId)
}
