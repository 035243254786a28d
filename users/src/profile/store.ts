import type { Profile } from './profile.ts'

export type NewProfile = Pick<
  Profile,
  'userId' | 'firstName' | 'lastName' | 'gender' | 'birthday' | 'bio'
>

export type ProfileStore = {
  /** Writes the profile and `profile.completed` together; `null` when there is one already. */
  complete(profile: NewProfile, requestId: string | null): Promise<Profile | null>
  find(userId: number): Promise<Profile | null>
}
