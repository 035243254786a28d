import type { App } from '@ego/kit/http/context'
import { memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import type { ProfileCache } from '../profile/cache.ts'
import { readVisible, userIdParams } from '../profile/profile.ts'
import { pairOf, pairProblems } from './pair.ts'
import type { FollowStore } from './store.ts'

const unfollowUser = createRoute({
  method: 'delete',
  path: '/users/me/following/{user_id}',
  tags: ['follow'],
  summary: 'Stop following a user',
  security: memberOnly,
  request: { params: userIdParams },
  responses: {
    204: { description: 'You do not follow this person, as you may never have done.' },
    ...problems({ ...pairProblems, 404: '`user_not_found`' }),
  },
})

type Deps = {
  follows: Pick<FollowStore, 'unfollow'>
  cache: Pick<ProfileCache, 'find' | 'invalidateAfter'>
}

export function mountUnfollowUser(app: App, { follows, cache }: Deps): void {
  app.openapi(unfollowUser, async (c) => {
    const pair = pairOf(c, c.req.valid('param').user_id)
    // Also when nothing changes: the request that unfollowed may have died before it could invalidate.
    const unfollow = () => follows.unfollow(...pair, c.get('requestId'))
    const hasEnded = await cache.invalidateAfter(pair, unfollow)
    // A hidden profile must look the same as one that does not exist.
    if (!hasEnded) await readVisible(cache, pair[1])
    return c.body(null, 204)
  })
}
