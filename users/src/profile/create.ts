import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { bodyProblems, jsonAnswer, jsonBody, memberOnly, problems } from '@ego/kit/http/openapi'
import { Problem } from '@ego/kit/http/problem'
import { createRoute, z } from '@hono/zod-openapi'
import type { AccountStore } from '../account/store.ts'
import { profileFields, toFields } from './fields.ts'
import type { ProfileStore } from './store.ts'
import { ownProfileSchema, ownProfileView } from './view.ts'

function createProfile(now: () => number) {
  const { bio, ...fields } = profileFields(now)
  const newProfile = z.strictObject({ ...fields, bio: bio.default('') }).openapi('NewProfile')
  return createRoute({
    method: 'post',
    path: '/users',
    tags: ['profile'],
    summary: 'Complete the registration with a profile',
    security: memberOnly,
    request: { body: jsonBody(newProfile) },
    responses: {
      201: jsonAnswer('The profile', ownProfileSchema),
      ...problems({
        ...bodyProblems,
        401: '`not_signed_in`, `token_invalid`',
        409: '`profile_exists`',
        503: '`account_not_ready`, `unavailable`',
      }),
    },
  })
}

type Deps = {
  accounts: AccountStore
  profiles: Pick<ProfileStore, 'create'>
  now: () => number
  sleep: (ms: number) => Promise<unknown>
}

export function mountCreateProfile(app: App, { accounts, profiles, now, sleep }: Deps): void {
  app.openapi(createProfile(now), async (c) => {
    const { userId } = requireMember(c)
    const fields = toFields(c.req.valid('json'))
    await waitForAccount(userId)
    const created = await profiles.create({ userId, ...fields }, c.get('requestId'))
    if (created === 'no_account') throw accountNotReady()
    if (created === 'exists') throw profileExists()
    return c.json(ownProfileView(created), 201, { location: `/users/${userId}` })
  })

  // A client may send the profile a few milliseconds before the event of its registration arrives.
  async function waitForAccount(userId: number): Promise<void> {
    for (let tries = 1; !(await accounts.find(userId)); tries += 1) {
      if (tries === arrivalTriesMax) throw accountNotReady()
      await sleep(arrivalPollMs)
    }
  }
}

const arrivalTriesMax = 20
const arrivalPollMs = 50

function profileExists(): Problem {
  const text =
    'You have a profile. Change it with PATCH /users/me, or bring it back if it is hidden.'
  return new Problem(409, 'profile_exists', text)
}

function accountNotReady(): Problem {
  const text = 'Your registration has not arrived here yet. Try again in a moment.'
  return new Problem(503, 'account_not_ready', text, { headers: { 'retry-after': '1' } })
}
