import { z } from 'zod'
import { textOf } from '../data/texts.ts'
import type { Answer } from '../load/answer.ts'
import { signIns } from './sign-in-actions.ts'
import { type Action, askAs, oneOf, type Walker } from './walker.ts'

const written = z.object({ post_id: z.string() })

const reads: readonly Action[] = [
  { name: 'me', weight: 20, run: (walker) => askAs(walker, { path: '/users/me' }) },
  {
    name: 'profile',
    weight: 12,
    run: (walker) => askAs(walker, { path: `/users/${someone(walker)}` }),
  },
  {
    name: 'followers',
    weight: 5,
    run: (walker) => askAs(walker, { path: `/users/${someone(walker)}/followers` }),
  },
  { name: 'feed', weight: 12, run: (walker) => askAs(walker, { path: '/posts/feed' }) },
  {
    name: 'search',
    weight: 12,
    run: (walker) => askAs(walker, { path: `/posts/search?q=${word(walker)}` }),
  },
]

const writes: readonly Action[] = [
  {
    name: 'profile edit',
    weight: 5,
    run: (walker) =>
      askAs(walker, {
        method: 'PATCH',
        path: '/users/me',
        body: { bio: textOf(walker.random).slice(0, 200) },
      }),
  },
  { name: 'follow', weight: 8, run: (walker) => followOrNot(walker, 'PUT') },
  { name: 'unfollow', weight: 5, run: (walker) => followOrNot(walker, 'DELETE') },
  { name: 'post', weight: 8, run: post },
  { name: 'edit', weight: 5, run: edit },
  { name: 'avatar', weight: 0.2, run: uploadAvatar },
]

/** Reads are most of it, as they are everywhere. */
export const actions: readonly Action[] = [...reads, ...writes, ...signIns]

function someone({ random, people, member }: Walker): number {
  return oneOf(random, people) ?? member.userId
}

function word({ random }: Walker): string {
  return textOf(random).split(' ')[0] ?? ''
}

function followOrNot(walker: Walker, method: 'PUT' | 'DELETE'): Promise<Answer> {
  const others = walker.people.filter((userId) => userId !== walker.member.userId)
  const userId = oneOf(walker.random, others) ?? 0
  return askAs(walker, { method, path: `/users/me/following/${userId}` })
}

async function post(walker: Walker): Promise<Answer> {
  const body = { text_content: textOf(walker.random) }
  const answer = await askAs(walker, { method: 'POST', path: '/posts', body })
  if (answer.status === 201) walker.postId = written.parse(JSON.parse(answer.body)).post_id
  return answer
}

function edit(walker: Walker): Promise<Answer> {
  if (walker.postId === null) return post(walker)
  const body = { text_content: textOf(walker.random) }
  return askAs(walker, { method: 'PATCH', path: `/posts/${walker.postId}`, body })
}

/** One pixel. */
const image = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

async function uploadAvatar({ url, member }: Walker): Promise<Answer> {
  const response = await fetch(`${url}/users/me/avatar`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${member.accessToken}`, 'content-type': 'image/png' },
    body: image,
  })
  return { status: response.status, body: await response.text() }
}
