import type { Profile } from './profile.ts'

export type NewProfile = Pick<
  Profile,
  'userId' | 'firstName' | 'lastName' | 'gender' | 'birthday' | 'bio'
>

/** `undefined` stays as it is. */
export type ProfileChange = {
  [K in 'firstName' | 'lastName' | 'gender' | 'birthday' | 'bio']?: Profile[K] | undefined
}

/** Every write tells of itself in an event of the same transaction, and of nothing when it changed nothing. */
export type ProfileStore = {
  complete(
    profile: NewProfile,
    requestId: string | null,
  ): Promise<Profile | 'exists' | 'no_account'>
  /** Finds hidden ones too. */
  find(userId: number): Promise<Profile | null>
  /** `null` when there is none. */
  change(userId: number, change: ProfileChange, requestId: string | null): Promise<Profile | null>
  /** `null` when there is none. */
  setHidden(userId: number, isHidden: boolean, requestId: string | null): Promise<Profile | null>
}
