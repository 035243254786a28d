import { type App, requireMember } from '@ego/kit/http/app'
import { tagged, taggedAnswer, taggedOnce, takesIfNoneMatch } from '@ego/kit/http/etag'
import { jsonAnswer, memberOnly, memberOrAnonymous, problems } from '@ego/kit/http/openapi'
import { userIdText } from '@ego/kit/http/user-id'
import { createRoute, z } from '@hono/zod-openapi'
import type { Profile } from './profile.ts'
import type { readOwnProfile, readProfile } from './use-cases.ts'
import { ownProfileSchema, ownProfileView, profileSchema, profileView } from './view.ts'

export const userIdParams = z.object({ user_id: userIdText })

const unchanged = { 304: { description: 'You have just this: the ETag is the same.' } }

const readOwn = createRoute({
  method: 'get',
  path: '/users/me',
  tags: ['profile'],
  summary: 'Read your own profile',
  security: memberOnly,
  ...takesIfNoneMatch,
  responses: {
    200: jsonAnswer('The profile', ownProfileSchema),
    ...unchanged,
    ...problems({
      401: '`not_signed_in`, `token_invalid`',
      404: '`profile_not_found`',
      503: '`unavailable`',
    }),
  },
})

const read = createRoute({
  method: 'get',
  path: '/users/{user_id}',
  tags: ['profile'],
  summary: 'Read a profile',
  security: memberOrAnonymous,
  ...takesIfNoneMatch,
  request: { params: userIdParams },
  responses: {
    200: jsonAnswer('The profile', profileSchema),
    ...unchanged,
    ...problems({
      401: '`token_invalid`',
      404: '`user_not_found`',
      422: '`validation_failed`',
      503: '`unavailable`',
    }),
  },
})

type Deps = {
  readOwnProfile: ReturnType<typeof readOwnProfile>
  readProfile: ReturnType<typeof readProfile>
}

export function mountProfile(app: App, { readOwnProfile, readProfile }: Deps): void {
  const ownText = taggedOnce(ownProfileView)
  const openText = taggedOnce((profile: Profile) => profileView(profile, null))

  app.openapi(readOwn, async (c) =>
    taggedAnswer(c, ownText(await readOwnProfile(requireMember(c).userId))),
  )

  app.openapi(read, async (c) => {
    const viewerId = c.get('caller')?.userId ?? null
    const { profile, relation } = await readProfile(c.req.valid('param').user_id, viewerId)
    return taggedAnswer(c, relation ? tagged(profileView(profile, relation)) : openText(profile))
  })
}
