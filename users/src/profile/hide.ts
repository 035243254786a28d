import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import type { ProfileCache } from './cache.ts'
import { profileNotFound } from './profile.ts'
import type { ProfileStore } from './store.ts'

const hideProfile = createRoute({
  method: 'delete',
  path: '/users/me',
  tags: ['profile'],
  summary: 'Hide your profile',
  security: memberOnly,
  responses: {
    204: { description: 'It is hidden.' },
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

export function mountHideProfile(app: App, { profiles, cache }: Deps): void {
  app.openapi(hideProfile, async (c) => {
    const { userId } = requireMember(c)
    const hide = () => profiles.setHidden(userId, true, c.get('requestId'))
    if (!(await cache.invalidateAfter([userId], hide))) throw profileNotFound()
    return c.body(null, 204)
  })
}
