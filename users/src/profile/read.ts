import type { App } from '@ego/kit/http/context'
import { tagged, taggedAnswer, taggedOnce, takesIfNoneMatch } from '@ego/kit/http/etag'
import { jsonAnswer, memberOrAnonymous, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import type { ProfileCache } from './cache.ts'
import { type Profile, type Relation, readVisible, userIdParams } from './profile.ts'
import { notModified, profileSchema, profileView } from './view.ts'

const readProfile = createRoute({
  method: 'get',
  path: '/users/{user_id}',
  tags: ['profile'],
  summary: 'Read a profile',
  security: memberOrAnonymous,
  ...takesIfNoneMatch,
  request: { params: userIdParams },
  responses: {
    200: jsonAnswer('The profile', profileSchema),
    ...notModified,
    ...problems({
      401: '`token_invalid`',
      404: '`user_not_found`',
      422: '`validation_failed`',
      503: '`unavailable`',
    }),
  },
})

type Deps = {
  cache: Pick<ProfileCache, 'find'>
  relations: { readRelation(viewerId: number, userId: number): Promise<Relation> }
}

export function mountReadProfile(app: App, { cache, relations }: Deps): void {
  const anonymousText = taggedOnce((profile: Profile) => profileView(profile, null))

  app.openapi(readProfile, async (c) => {
    const viewer = c.get('caller')
    const profile = await readVisible(cache, c.req.valid('param').user_id)
    if (!viewer) return taggedAnswer(c, anonymousText(profile))
    const relation = await relations.readRelation(viewer.userId, profile.userId)
    return taggedAnswer(c, tagged(profileView(profile, relation)))
  })
}
