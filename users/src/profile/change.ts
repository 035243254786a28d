import { requireMember } from '@ego/kit/http/app'
import type { App, AppContext } from '@ego/kit/http/context'
import { bodyProblems, jsonAnswer, jsonBody, memberOnly, problems } from '@ego/kit/http/openapi'
import { Problem } from '@ego/kit/http/problem'
import { createRoute, z } from '@hono/zod-openapi'
import type { ProfileCache } from './cache.ts'
import { type ProfileChange, profileFields, toFields } from './fields.ts'
import { profileNotFound, userIdParams } from './profile.ts'
import type { ProfileStore } from './store.ts'
import { ownProfileSchema, ownProfileView } from './view.ts'

function changeRoutes(now: () => number) {
  const body = jsonBody(z.strictObject(profileFields(now)).partial().openapi('ProfileChange'))
  const common = { tags: ['profile'], security: memberOnly }
  const responses = {
    200: jsonAnswer('The profile', ownProfileSchema),
    ...problems({
      ...bodyProblems,
      401: '`not_signed_in`, `token_invalid`',
      404: '`profile_not_found`',
      503: '`unavailable`',
    }),
  }
  const changeOwn = createRoute({
    ...common,
    method: 'patch',
    path: '/users/me',
    summary: 'Change some fields of your profile',
    request: { body },
    responses,
  })
  const changeById = createRoute({
    ...common,
    method: 'patch',
    path: '/users/{user_id}',
    summary: 'Change some fields of your profile, by your id',
    request: { params: userIdParams, body },
    responses: { ...responses, ...problems({ 403: '`not_your_profile`' }) },
  })
  return { changeOwn, changeById }
}

type Deps = {
  profiles: Pick<ProfileStore, 'change'>
  cache: Pick<ProfileCache, 'invalidateAfter'>
  now: () => number
}

export function mountChangeProfile(app: App, { profiles, cache, now }: Deps): void {
  const { changeOwn, changeById } = changeRoutes(now)

  app.openapi(changeOwn, async (c) =>
    c.json(ownProfileView(await change(c, toFields(c.req.valid('json')))), 200),
  )

  app.openapi(changeById, async (c) => {
    if (requireMember(c).userId !== c.req.valid('param').user_id) throw notYours()
    return c.json(ownProfileView(await change(c, toFields(c.req.valid('json')))), 200)
  })

  async function change(c: AppContext, fields: ProfileChange) {
    const { userId } = requireMember(c)
    const work = () => profiles.change(userId, fields, c.get('requestId'))
    const changed = await cache.invalidateAfter([userId], work)
    if (!changed) throw profileNotFound()
    return changed
  }
}

function notYours(): Problem {
  return new Problem(403, 'not_your_profile', 'This is not your profile. Change your own one.')
}
