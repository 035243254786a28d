import { expect, test } from 'vitest'
import type { Post } from './post.ts'
import { postEtag, postView } from './view.ts'

const post: Post = {
  postId: '0199d1d2-8c6a-7e0f-9a51-3a1c9de0f0aa',
  creatorId: 1,
  textContent: 'text',
  createdAt: new Date(0),
  updatedAt: new Date(0),
  revision: 1,
  author: { userId: 1, username: 'ada', firstName: 'Ada', lastName: 'L.', avatarUrl: null },
}
const { author, ...own } = post
const others: Record<keyof ReturnType<typeof postView>, Post[]> = {
  post_id: [{ ...post, postId: '0199d1d2-8c6a-7e0f-9a51-3a1c9de0f0ab' }],
  creator_id: [{ ...post, creatorId: 2 }],
  // The revision does not tell these apart after a backup was restored.
  text_content: [{ ...post, textContent: 'other' }],
  created_at: [{ ...post, createdAt: new Date(1) }],
  updated_at: [{ ...post, updatedAt: new Date(1) }],
  author: [
    { ...post, author: null },
    ...[{ userId: 2 }, { username: 'eve' }, { firstName: 'E.' }, { lastName: 'M.' }].map(
      (change) => ({ ...own, author: author && { ...author, ...change } }),
    ),
    { ...own, author: author && { ...author, avatarUrl: '/users/1/avatar?v=2' } },
  ],
}

test.each(Object.entries(others))('another %s is another tag', (_, changed) => {
  const tags = [post, ...changed].map(postEtag)
  expect(new Set(tags).size).toBe(tags.length)
})

test('the same post has the same tag', () => {
  expect(postEtag({ ...post })).toBe(postEtag(post))
})

test('every field of the answer is compared here', () => {
  expect(Object.keys(others)).toEqual(Object.keys(postView(post)))
})
