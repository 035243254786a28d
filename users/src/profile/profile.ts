import { Problem } from '@ego/kit/http/problem'
import { userIdText } from '@ego/kit/http/user-id'
import { z } from '@hono/zod-openapi'
import type { ProfileFields } from './fields.ts'

/** Never changed: readers of one profile may share it. */
export type Profile = ProfileFields & {
  readonly userId: number
  readonly username: string
  /** Of the content of the avatar; `null` without one. */
  readonly avatarHash: string | null
  readonly followers: number
  readonly following: number
  readonly createdAt: Date
  /** Its owner has hidden it from all other users. */
  readonly isHidden: boolean
  /** Staff has disabled the account, so no user sees the profile. */
  readonly isDisabled: boolean
}

/** How the viewer of a profile and its owner stand to each other. */
export type Relation = { followedByMe: boolean; followsMe: boolean }

export const userIdParams = z.object({ user_id: userIdText })

type Profiles = { find(userId: number): Promise<Profile | null> }

/** Throws `user_not_found` where other users may not see the profile. */
export async function readVisible(profiles: Profiles, userId: number): Promise<Profile> {
  const profile = await profiles.find(userId)
  if (profile && !profile.isHidden && !profile.isDisabled) return profile
  throw userNotFound()
}

export function userNotFound(): Problem {
  return new Problem(404, 'user_not_found', 'There is no such user, or the profile is hidden.')
}

export function profileNotFound(): Problem {
  return new Problem(404, 'profile_not_found', 'You have no profile yet. Send it to POST /users.')
}
