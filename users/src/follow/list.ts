import type { App, AppContext } from '@ego/kit/http/app'
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
        'Where the list goes on. Where many people are hidden, a page may hold fewer than the limit, or nobody, and still have a next one.',
    }),
  })
  .openapi('FollowList')

function listRoute(side: FollowList['side'], summary: string) {
  return createRoute({
    method: 'get',
    path: `/users/{user_id}/${side}`,
    tags: ['follow'],
    summary,
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

const listFollowers = listRoute('followers', 'List who follows somebody')
const listFollowing = listRoute('following', 'List whom somebody follows')

type Deps = {
  follows: Pick<FollowStore, 'list'>
  cache: Pick<ProfileCache, 'find'>
}

export function mountListFollows(app: App, { follows, cache }: Deps): void {
  app.openapi(listFollowers, async (c) => {
    const { user_id } = c.req.valid('param')
    return c.json(await list(c, 'followers', user_id, c.req.valid('query')), 200)
  })

  app.openapi(listFollowing, async (c) => {
    const { user_id } = c.req.valid('param')
    return c.json(await list(c, 'following', user_id, c.req.valid('query')), 200)
  })

  async function list(
    c: AppContext,
    side: FollowList['side'],
    userId: number,
    { limit, cursor }: PageQuery,
  ): Promise<z.output<typeof listSchema>> {
    await readVisible(cache, userId)
    const viewerId = c.get('caller')?.userId ?? null
    const before = cursor === undefined ? null : fromCursor(cursor, position)
    const wanted = { userId, side, viewerId, before, limit: limit + 1 }
    const { found, scannedTo } = await follows.list(wanted)
    const { items, nextCursor } = toPage(found, limit, (last) => toCursor(String(last.position)))
    const goesOn = scannedTo === null ? null : toCursor(String(scannedTo))
    return { items: items.map(toView), next_cursor: nextCursor ?? goesOn }
  }
}

type PageQuery = { limit: number; cursor?: string | undefined }

const position = z.coerce.number().int().positive()

function toView({ card, isMutual }: Listed): z.output<typeof listedSchema> {
  return { ...cardView(card), ...(isMutual !== null && { mutual: isMutual }) }
}
