import { defineEvent } from '@ego/kit/event'
import { z } from 'zod'

export const postCreated = defineEvent(
  'post.created.v1',
  z.strictObject({
    post_id: z.uuid(),
    creator_id: z.int(),
    text_content: z.string(),
    created_at: z.iso.datetime(),
  }),
)
