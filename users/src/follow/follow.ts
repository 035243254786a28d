import type { App } from '@ego/kit/http/context'
import { memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import type { ProfileCache } from '../profile/cache.ts'
import { profileNotFound, userIdParams, userNotFound } from '../profile/profile.ts'
import { pairOf, pairProblems } from './pair.ts'
import type { FollowStore } from './store.ts'

const followUser = createRoute({
  method: 'put',
  path: '/users/me/following/{user_id}',
  tags: ['follow'],
  summary: 'Follow a user',
  security: memberOnly,
  request: { params: userIdParams },
  responses: {
    204: { description: 'You follow this person, as you may have done before.' },
    ...problems({ ...pairProblems, 404: '`user_not_found`, `profile_not_found`' }),
  },
})

type Deps = {
  follows: Pick<FollowStore, 'follow'>
  cache: Pick<ProfileCache, 'invalidateAfter'>
}

export function mountFollowUser(app: App, { follows, cache }: Deps): void {
  app.openapi(followUser, async (c) => {
    const pair = pairOf(c, c.req.valid('param').user_id)
    // Also when nothing changes: the request that followed may have died before it could invalidate.
    const follow = () => follows.follow(...pair, c.get('requestId'))
    const outcome = await cache.invalidateAfter(pair, follow)
    if (outcome === 'no_profile') throw profileNotFound()
    if (outcome === 'not_found') throw userNotFound()
    return c.body(null, 204)
  })
}
