import { Problem } from '@ego/kit/http/problem'
import type { AccountStore } from '../account/store.ts'
import type { FollowStore } from '../follow/store.ts'
import { forgetting, type ProfileCache } from './cache.ts'
import { isVisible, type Profile, type Relation } from './profile.ts'
import type { NewProfile, ProfileChange, ProfileStore } from './store.ts'

type Deps = {
  accounts: AccountStore
  profiles: ProfileStore
  cache: ProfileCache
  follows: FollowStore
  sleep: (ms: number) => Promise<unknown>
}

const arrivalTriesMax = 20
const arrivalPollMs = 50

type CompleteDeps = Pick<Deps, 'accounts' | 'profiles' | 'sleep'>

export function completeProfile({ accounts, profiles, sleep }: CompleteDeps) {
  return async (profile: NewProfile, requestId: string): Promise<Profile> => {
    await waitForAccount(profile.userId)
    const completed = await profiles.complete(profile, requestId)
    if (completed === 'no_account') throw notReady()
    if (completed !== 'exists') return completed
    const text =
      'You have a profile. Change it with PATCH /users/me, or bring it back if it is hidden.'
    throw new Problem(409, 'profile_exists', text)
  }

  // A program may complete the profile before the event of its registration a few milliseconds earlier has arrived.
  async function waitForAccount(userId: number): Promise<void> {
    for (let tries = 1; !(await accounts.find(userId)); tries += 1) {
      if (tries === arrivalTriesMax) throw notReady()
      await sleep(arrivalPollMs)
    }
  }
}

export function readOwnProfile({ cache }: Pick<Deps, 'cache'>) {
  return async (userId: number): Promise<Profile> => (await cache.find(userId)) ?? missing()
}

/** With how the viewer and the person stand to each other, for a viewer who is a member. */
export function readProfile({ cache, follows }: Pick<Deps, 'cache' | 'follows'>) {
  return async (userId: number, viewerId: number | null) => {
    const profile = await cache.find(userId)
    if (!profile || !isVisible(profile)) throw userNotFound()
    const relation: Relation | null =
      viewerId === null ? null : await follows.readRelation(viewerId, userId)
    return { profile, relation }
  }
}

export function changeProfile({ profiles, cache }: Pick<Deps, 'profiles' | 'cache'>) {
  return async (userId: number, change: ProfileChange, requestId: string): Promise<Profile> => {
    const work = () => profiles.change(userId, change, requestId)
    return (await forgetting(cache, [userId], work)) ?? missing()
  }
}

export function setProfileHidden({ profiles, cache }: Pick<Deps, 'profiles' | 'cache'>) {
  return async (userId: number, isHidden: boolean, requestId: string): Promise<Profile> => {
    const work = () => profiles.setHidden(userId, isHidden, requestId)
    return (await forgetting(cache, [userId], work)) ?? missing()
  }
}

export function userNotFound(): Problem {
  return new Problem(404, 'user_not_found', 'There is no such user, or the profile is hidden.')
}

export function profileNotFound(): Problem {
  return new Problem(404, 'profile_not_found', 'You have no profile yet. Send it to POST /users.')
}

function missing(): never {
  throw profileNotFound()
}

function notReady(): Problem {
  const text = 'Your registration has not arrived here yet. Try again in a moment.'
  return new Problem(503, 'account_not_ready', text, { headers: { 'retry-after': '1' } })
}
