import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import type { ProfileCache } from '../profile/cache.ts'
import type { AvatarObjects } from './objects.ts'
import type { AvatarStore } from './store.ts'

const deleteAvatar = createRoute({
  method: 'delete',
  path: '/users/me/avatar',
  tags: ['avatar'],
  summary: 'Remove your avatar',
  security: memberOnly,
  responses: {
    204: { description: 'You have no avatar, as you may never have had.' },
    ...problems({ 401: '`not_signed_in`, `token_invalid`', 503: '`unavailable`' }),
  },
})

type Deps = {
  avatars: Pick<AvatarStore, 'clear'>
  cache: Pick<ProfileCache, 'invalidateAfter'>
  objects: Pick<AvatarObjects, 'delete'>
}

export function mountDeleteAvatar(app: App, { avatars, cache, objects }: Deps): void {
  app.openapi(deleteAvatar, async (c) => {
    const { userId } = requireMember(c)
    const clear = () => avatars.clear(userId, c.get('requestId'))
    const before = await cache.invalidateAfter([userId], clear)
    if (before) await objects.delete(before)
    return c.body(null, 204)
  })
}
