import { type App, type AppContext, requireMember } from '@ego/kit/http/app'
import { jsonAnswer, memberOnly, memberOrAnonymous, problems } from '@ego/kit/http/openapi'
import { pageQuery } from '@ego/kit/http/page'
import { createRoute, z } from '@hono/zod-openapi'
import { cardFields, cardView } from '../profile/card.ts'
import { userIdParams } from '../profile/read.ts'
import type { FollowList, Listed } from './store.ts'
import type { followUser, listFollows, unfollowUser } from './use-cases.ts'

const listSchema = z
  .object({
    items: z.array(
      z
        .object({
          ...cardFields,
          mutual: z.boolean().optional().openapi({
            description: 'Whether you and this person follow each other; only for members.',
          }),
        })
        .openapi('ListedCard'),
    ),
    next_cursor: z.string().nullable().openapi({
      description:
        'Where the list goes on. Where many people are hidden, a page may hold fewer than the limit, or nobody, and still have a next one.',
    }),
  })
  .openapi('FollowList')

const refusals = {
  401: '`not_signed_in`, `token_invalid`',
  409: '`cannot_follow_yourself`',
  422: '`validation_failed`',
  503: '`unavailable`',
} as const

const follow = createRoute({
  method: 'put',
  path: '/users/me/following/{user_id}',
  tags: ['follow'],
  summary: 'Follow somebody',
  security: memberOnly,
  request: { params: userIdParams },
  responses: {
    204: { description: 'You follow this person, as you may have done before.' },
    ...problems({ ...refusals, 404: '`user_not_found`, `profile_not_found`' }),
  },
})

const unfollow = createRoute({
  method: 'delete',
  path: '/users/me/following/{user_id}',
  tags: ['follow'],
  summary: 'Follow somebody no longer',
  security: memberOnly,
  request: { params: userIdParams },
  responses: {
    204: { description: 'You do not follow this person, as you may never have done.' },
    ...problems({ ...refusals, 404: '`user_not_found`' }),
  },
})

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

const followers = listRoute('followers', 'List who follows somebody')
const following = listRoute('following', 'List whom somebody follows')

type Deps = {
  followUser: ReturnType<typeof followUser>
  unfollowUser: ReturnType<typeof unfollowUser>
  listFollows: ReturnType<typeof listFollows>
}

export function mountFollow(app: App, { followUser, unfollowUser, listFollows }: Deps): void {
  app.openapi(follow, async (c) => {
    await followUser(requireMember(c).userId, c.req.valid('param').user_id, c.get('requestId'))
    return c.body(null, 204)
  })

  app.openapi(unfollow, async (c) => {
    await unfollowUser(requireMember(c).userId, c.req.valid('param').user_id, c.get('requestId'))
    return c.body(null, 204)
  })

  app.openapi(followers, async (c) => {
    const { user_id } = c.req.valid('param')
    return c.json(await list(c, 'followers', user_id, c.req.valid('query')), 200)
  })

  app.openapi(following, async (c) => {
    const { user_id } = c.req.valid('param')
    return c.json(await list(c, 'following', user_id, c.req.valid('query')), 200)
  })

  async function list(c: AppContext, side: FollowList['side'], userId: number, query: PageQuery) {
    const viewerId = c.get('caller')?.userId ?? null
    const { items, nextCursor } = await listFollows({ userId, side, viewerId, ...query })
    return { items: items.map(toView), next_cursor: nextCursor }
  }
}

type PageQuery = { limit: number; cursor?: string | undefined }

function toView({ card, isMutual }: Listed) {
  return { ...cardView(card), ...(isMutual !== null && { mutual: isMutual }) }
}
