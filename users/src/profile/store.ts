import type { ProfileChange, ProfileFields } from './fields.ts'
import type { Profile } from './profile.ts'

export type NewProfile = ProfileFields & { readonly userId: number }

/** A write that changes something appends its event in the same transaction; one that changes nothing appends none. */
export type ProfileStore = {
  create(profile: NewProfile, requestId: string | null): Promise<Profile | 'exists' | 'no_account'>
  /** Finds hidden ones too. */
  find(userId: number): Promise<Profile | null>
  /** `null` when there is none. */
  change(userId: number, change: ProfileChange, requestId: string | null): Promise<Profile | null>
  /** `null` when there is none. */
  setHidden(userId: number, isHidden: boolean, requestId: string | null): Promise<Profile | null>
}
