import { type App, requireMember } from '@ego/kit/app'
import { bodyProblems, jsonAnswer, jsonBody, memberOnly, problems } from '@ego/kit/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { genders, type Profile, profileFields } from './profile.ts'
import type { completeProfile, readOwnProfile } from './use-cases.ts'

const profileSchema = z
  .object({
    user_id: z.int(),
    username: z.string(),
    first_name: z.string(),
    last_name: z.string(),
    gender: z.enum(genders),
    birthday: z.iso.date(),
    bio: z.string(),
    avatar: z.null(),
    followers: z.int(),
    following: z.int(),
    created_at: z.iso.datetime(),
  })
  .openapi('Profile')

const complete = (now: () => number) => {
  const { bio, ...fields } = profileFields(now)
  return createRoute({
    method: 'post',
    path: '/users',
    tags: ['profile'],
    summary: 'Complete the registration with a profile',
    security: memberOnly,
    request: {
      body: jsonBody(z.strictObject({ ...fields, bio: bio.default('') }).openapi('NewProfile')),
    },
    responses: {
      201: jsonAnswer('The profile', profileSchema),
      ...problems({
        ...bodyProblems,
        401: '`not_signed_in`, `token_invalid`',
        409: '`profile_exists`',
        503: '`account_not_ready`, `unavailable`',
      }),
    },
  })
}

const readOwn = createRoute({
  method: 'get',
  path: '/users/me',
  tags: ['profile'],
  summary: 'Read your own profile',
  security: memberOnly,
  responses: {
    200: jsonAnswer('The profile', profileSchema),
    ...problems({
      401: '`not_signed_in`, `token_invalid`',
      404: '`profile_not_found`',
      503: '`unavailable`',
    }),
  },
})

type Deps = {
  completeProfile: ReturnType<typeof completeProfile>
  readOwnProfile: ReturnType<typeof readOwnProfile>
  now: () => number
}

export function mountProfile(app: App, { completeProfile, readOwnProfile, now }: Deps): void {
  app.openapi(complete(now), async (c) => {
    const { userId } = requireMember(c)
    const { first_name, last_name, gender, birthday, bio } = c.req.valid('json')
    const profile = await completeProfile(
      { userId, firstName: first_name, lastName: last_name, gender, birthday, bio },
      c.get('requestId'),
    )
    return c.json(toView(profile), 201, { location: `/users/${userId}` })
  })

  app.openapi(readOwn, async (c) =>
    c.json(toView(await readOwnProfile(requireMember(c).userId)), 200),
  )
}

function toView(profile: Profile) {
  return {
    user_id: profile.userId,
    username: profile.username,
    first_name: profile.firstName,
    last_name: profile.lastName,
    gender: profile.gender,
    birthday: profile.birthday,
    bio: profile.bio,
    avatar: null,
    followers: profile.followers,
    following: profile.following,
    created_at: profile.createdAt.toISOString(),
  }
}
