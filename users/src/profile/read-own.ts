import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { taggedAnswer, taggedOnce, takesIfNoneMatch } from '@ego/kit/http/etag'
import { jsonAnswer, memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import type { ProfileCache } from './cache.ts'
import { profileNotFound } from './profile.ts'
import { notModified, ownProfileSchema, ownProfileView } from './view.ts'

const readOwnProfile = createRoute({
  method: 'get',
  path: '/users/me',
  tags: ['profile'],
  summary: 'Read your own profile',
  security: memberOnly,
  ...takesIfNoneMatch,
  responses: {
    200: jsonAnswer('The profile', ownProfileSchema),
    ...notModified,
    ...problems({
      401: '`not_signed_in`, `token_invalid`',
      404: '`profile_not_found`',
      503: '`unavailable`',
    }),
  },
})

type Deps = { cache: Pick<ProfileCache, 'find'> }

export function mountReadOwnProfile(app: App, { cache }: Deps): void {
  const textOf = taggedOnce(ownProfileView)

  app.openapi(readOwnProfile, async (c) => {
    const profile = await cache.find(requireMember(c).userId)
    if (!profile) throw profileNotFound()
    return taggedAnswer(c, textOf(profile))
  })
}
