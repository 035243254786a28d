import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { jsonAnswer, memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import type { ProfileCache } from './cache.ts'
import { profileNotFound } from './profile.ts'
import type { ProfileStore } from './store.ts'
import { ownProfileSchema, ownProfileView } from './view.ts'

const restoreProfile = createRoute({
  method: 'post',
  path: '/users/me/restore',
  tags: ['profile'],
  summary: 'Bring your profile back',
  security: memberOnly,
  responses: {
    200: jsonAnswer('The profile', ownProfileSchema),
    ...problems({
      401: '`not_signed_in`, `token_invalid`',
      404: '`profile_not_found`',
      503: '`unavailable`',
    }),
  },
})

type Deps = {
  profiles: Pick<ProfileStore, 'setHidden'>
  cache: Pick<ProfileCache, 'invalidateAfter'>
}

export function mountRestoreProfile(app: App, { profiles, cache }: Deps): void {
  app.openapi(restoreProfile, async (c) => {
    const { userId } = requireMember(c)
    const restore = () => profiles.setHidden(userId, false, c.get('requestId'))
    const restored = await cache.invalidateAfter([userId], restore)
    if (!restored) throw profileNotFound()
    return c.json(ownProfileView(restored), 200)
  })
}
