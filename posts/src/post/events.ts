import { defineEvent } from '@ego/kit/events/event'
import { z } from 'zod'

const self = { post_id: z.uuid(), creator_id: z.int() }

// Keyed by the writer, so that all that happens to a post arrives in its order.
export const postCreated = defineEvent(
  'post.created.v1',
  z.strictObject({ ...self, text_content: z.string(), created_at: z.iso.datetime() }),
  'Keyed by the writer, as all events of a post.',
)
export const postEdited = defineEvent(
  'post.edited.v1',
  z.strictObject({ ...self, text_content: z.string(), updated_at: z.iso.datetime() }),
  'The whole new text; not told when nothing changed.',
)
export const postDeleted = defineEvent(
  'post.deleted.v1',
  z.strictObject(self),
  'Its writer has deleted it; not told for the posts of an erased account, of which user.deleted says it.',
)
