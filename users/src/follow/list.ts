import type { App } from '@ego/kit/http/context'
import { jsonAnswer, memberOrAnonymous, problems } from '@ego/kit/http/openapi'
import { fromCursor, pageQuery, toCursor, toPage } from '@ego/kit/http/page'
import { createRoute, z } from '@hono/zod-openapi'
import type { ProfileCache } from '../profile/cache.ts'
import { cardFields, cardView } from '../profile/card.ts'
import { readVisible, userIdParams } from '../profile/profile.ts'
import type { FollowList, FollowStore, Listed } from './store.ts'

const listedSchema = z
  .object({
    ...cardFields,
    mutual: z.boolean().optional().openapi({
      description: 'Whether you and this person follow each other; only for members.',
    }),
  })
  .openapi('ListedCard')

const listSchema = z
  .object({
    items: z.array(listedSchema),
    next_cursor: z.string().nullable().openapi({
      description:
        'Where the list goes on. Where many people are hidden, a page may hold fewer than the limit, or none, and still have a next one.',
    }),
  })
  .openapi('FollowList')

const summaries = {
  followers: 'List the followers of a user',
  following: 'List the people that a user follows',
}

function listRoute(side: FollowList['side']) {
  return createRoute({
    method: 'get',
    path: `/users/{user_id}/${side}`,
    tags: ['follow'],
    summary: summaries[side],
    security: memberOrAnonymous,
    request: { params: userIdParams, query: z.object(pageQuery) },
    responses: {
      200: jsonAnswer('People, those who came last first', listSchema),
      ...problems({
        401: '`token_invalid`',
        404: '`user_not_found`',
        422: '`validation_failed`',
        503: '`unavailable`',
      }),
    },
  })
}

type Deps = { follows: Pick<FollowStore, 'list'>; cache: Pick<ProfileCache, 'find'> }

export function mountListFollows(app: App, { follows, cache }: Deps): void {
  for (const side of ['followers', 'following'] as const) {
    app.openapi(listRoute(side), async (c) => {
      const { userId } = await readVisible(cache, c.req.valid('param').user_id)
      const { limit, cursor } = c.req.valid('query')
      const viewerId = c.get('caller')?.userId ?? null
      const before = cursor === undefined ? null : fromCursor(cursor, position)
      const wanted = { userId, side, viewerId, before, limit: limit + 1 }
      const { found, scannedTo } = await follows.list(wanted)
      const { items, nextCursor } = toPage(found, limit, (last) => toCursor(String(last.position)))
      const goesOn = scannedTo === null ? null : toCursor(String(scannedTo))
      return c.json({ items: items.map(toView), next_cursor: nextCursor ?? goesOn }, 200)
    })
  }
}

const position = z.coerce.number().int().positive()

function toView({ card, isMutual }: Listed): z.output<typeof listedSchema> {
  return { ...cardView(card), ...(isMutual !== null && { mutual: isMutual }) }
}
