import { z } from 'zod'
import { defineEvent } from './definition.ts'

const post = { post_id: z.uuid(), creator_id: z.int() }

export const postCreated = defineEvent({
  type: 'post.created.v1',
  producer: 'posts',
  consumers: [],
  description: 'Its key is the author, like that of all events of a post.',
  payload: { ...post, text_content: z.string(), created_at: z.iso.datetime() },
})

export const postEdited = defineEvent({
  type: 'post.edited.v1',
  producer: 'posts',
  consumers: [],
  description: 'With the whole new text. Not published when nothing changed.',
  payload: { ...post, text_content: z.string(), updated_at: z.iso.datetime() },
})

export const postDeleted = defineEvent({
  type: 'post.deleted.v1',
  producer: 'posts',
  consumers: [],
  description:
    'Its author has deleted it. Not published for the posts of an erased account, which `user.deleted` covers.',
  payload: post,
})
