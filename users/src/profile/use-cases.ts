import { Problem } from '@ego/kit/problem'
import type { AccountStore } from '../account/store.ts'
import type { Profile } from './profile.ts'
import type { NewProfile, ProfileStore } from './store.ts'

type Deps = {
  accounts: AccountStore
  profiles: ProfileStore
  sleep: (ms: number) => Promise<unknown>
}

const arrivalTriesMax = 20
const arrivalPollMs = 50

export function completeProfile({ accounts, profiles, sleep }: Deps) {
  return async (profile: NewProfile, requestId: string): Promise<Profile> => {
    await waitForAccount(profile.userId)
    const completed = await profiles.complete(profile, requestId)
    if (completed) return completed
    throw new Problem(409, 'profile_exists', 'You have a profile. Change it with PATCH /users/me.')
  }

  // A program may complete the profile before the event of its registration a few milliseconds earlier has arrived.
  async function waitForAccount(userId: number): Promise<void> {
    for (let tries = 1; !(await accounts.find(userId)); tries += 1) {
      if (tries === arrivalTriesMax) throw notReady()
      await sleep(arrivalPollMs)
    }
  }
}

export function readOwnProfile({ profiles }: Pick<Deps, 'profiles'>) {
  return async (userId: number): Promise<Profile> => {
    const profile = await profiles.find(userId)
    if (profile) return profile
    throw new Problem(404, 'profile_not_found', 'You have no profile yet. Send it to POST /users.')
  }
}

function notReady(): Problem {
  const text = 'Your registration has not arrived here yet. Try again in a moment.'
  return new Problem(503, 'account_not_ready', text, { headers: { 'retry-after': '1' } })
}
