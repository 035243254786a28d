import { type App, type AppContext, requireMember } from '@ego/kit/http/app'
import { bodyProblems, jsonAnswer, jsonBody, memberOnly, problems } from '@ego/kit/http/openapi'
import { Problem } from '@ego/kit/http/problem'
import { createRoute, z } from '@hono/zod-openapi'
import { profileFields } from './profile.ts'
import { userIdParams } from './read.ts'
import type { changeProfile, completeProfile, setProfileHidden } from './use-cases.ts'
import { ownProfileSchema, ownProfileView } from './view.ts'

const common = { tags: ['profile'], security: memberOnly }
const refusals = {
  401: '`not_signed_in`, `token_invalid`',
  404: '`profile_not_found`',
  503: '`unavailable`',
} as const
const answer = { 200: jsonAnswer('The profile', ownProfileSchema) }

function routes(now: () => number) {
  const { bio, ...fields } = profileFields(now)
  const newProfile = z.strictObject({ ...fields, bio: bio.default('') }).openapi('NewProfile')
  const body = jsonBody(
    z
      .strictObject({ ...fields, bio })
      .partial()
      .openapi('ProfileChange'),
  )
  const changed = { ...answer, ...problems({ ...bodyProblems, ...refusals }) }
  return {
    complete: createRoute({
      ...common,
      method: 'post',
      path: '/users',
      summary: 'Complete the registration with a profile',
      request: { body: jsonBody(newProfile) },
      responses: {
        201: jsonAnswer('The profile', ownProfileSchema),
        ...problems({
          ...bodyProblems,
          401: refusals[401],
          409: '`profile_exists`',
          503: '`account_not_ready`, `unavailable`',
        }),
      },
    }),
    changeOwn: createRoute({
      ...common,
      method: 'patch',
      path: '/users/me',
      summary: 'Change some fields of your profile',
      request: { body },
      responses: changed,
    }),
    change: createRoute({
      ...common,
      method: 'patch',
      path: '/users/{user_id}',
      summary: 'Change some fields of your profile, by your id',
      request: { params: userIdParams, body },
      responses: { ...changed, ...problems({ 403: '`not_your_profile`' }) },
    }),
  }
}

const hide = createRoute({
  ...common,
  method: 'delete',
  path: '/users/me',
  summary: 'Hide your profile',
  responses: { 204: { description: 'It is hidden.' }, ...problems(refusals) },
})

const restore = createRoute({
  ...common,
  method: 'post',
  path: '/users/me/restore',
  summary: 'Bring your profile back',
  responses: { ...answer, ...problems(refusals) },
})

type Deps = {
  completeProfile: ReturnType<typeof completeProfile>
  changeProfile: ReturnType<typeof changeProfile>
  setProfileHidden: ReturnType<typeof setProfileHidden>
  now: () => number
}

export function mountProfileChanges(app: App, deps: Deps): void {
  const { complete, changeOwn, change } = routes(deps.now)

  app.openapi(complete, async (c) => {
    const { userId } = requireMember(c)
    const { first_name, last_name, ...rest } = c.req.valid('json')
    const profile = { userId, firstName: first_name, lastName: last_name, ...rest }
    const completed = await deps.completeProfile(profile, c.get('requestId'))
    return c.json(ownProfileView(completed), 201, { location: `/users/${userId}` })
  })

  async function changeOf(c: AppContext, { first_name, last_name, ...rest }: Change) {
    const fields = { firstName: first_name, lastName: last_name, ...rest }
    return deps.changeProfile(requireMember(c).userId, fields, c.get('requestId'))
  }

  app.openapi(changeOwn, async (c) =>
    c.json(ownProfileView(await changeOf(c, c.req.valid('json'))), 200),
  )

  app.openapi(change, async (c) => {
    if (requireMember(c).userId !== c.req.valid('param').user_id) throw notYours()
    return c.json(ownProfileView(await changeOf(c, c.req.valid('json'))), 200)
  })

  app.openapi(hide, async (c) => {
    await deps.setProfileHidden(requireMember(c).userId, true, c.get('requestId'))
    return c.body(null, 204)
  })

  app.openapi(restore, async (c) => {
    const { userId } = requireMember(c)
    const restored = await deps.setProfileHidden(userId, false, c.get('requestId'))
    return c.json(ownProfileView(restored), 200)
  })
}

type Fields = ReturnType<typeof profileFields>
type Change = { [K in keyof Fields]?: z.output<Fields[K]> | undefined }

function notYours(): Problem {
  return new Problem(403, 'not_your_profile', 'This is not your profile. Change your own one.')
}
