import { profileCompleted, profileHidden, profileRestored } from '@ego/contracts/events/profile'
import { appendEvent } from '@ego/kit/events/outbox'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { part } from '@ego/kit/postgres/sql-text'
import { holdAccount } from '../account/store-postgres.ts'
import type { ProfileChange } from './fields.ts'
import { appendUpdated, cardPayload, fieldColumns, joined, selectProfile } from './row-postgres.ts'
import type { NewProfile, ProfileStore } from './store.ts'

export function postgresProfiles(sql: Sql): ProfileStore {
  return {
    create: (profile, requestId) =>
      sql.begin(async (tx) => {
        const failure = await insertProfile(tx, profile)
        if (failure) return failure
        const { userId, firstName, lastName } = profile
        const payload = { user_id: userId, first_name: firstName, last_name: lastName }
        await appendEvent(tx, profileCompleted, { key: String(userId), payload, requestId })
        return (await selectProfile(tx, userId)) ?? 'no_account'
      }),

    find: (userId) => selectProfile(sql, userId),

    change: (userId, change, requestId) =>
      sql.begin(async (tx) => {
        const hasChanged = await updateProfile(tx, userId, change)
        const profile = await selectProfile(tx, userId)
        if (profile && hasChanged) await appendUpdated(tx, profile, requestId)
        return profile
      }),

    setHidden: (userId, isHidden, requestId) =>
      sql.begin(async (tx) => {
        const { count } = await tx`
          update profile
          set hidden_at = case when ${isHidden} then now() end
          where user_id = ${userId} and (hidden_at is not null) <> ${isHidden}`
        const profile = await selectProfile(tx, userId)
        if (!profile || count === 0) return profile
        const event = { key: String(userId), requestId }
        if (isHidden) {
          await appendEvent(tx, profileHidden, { ...event, payload: { user_id: userId } })
        } else {
          await appendEvent(tx, profileRestored, { ...event, payload: cardPayload(profile) })
        }
        return profile
      }),
  }
}

const fields = Object.keys(fieldColumns).filter(isField)
const columns = joined(fields.map((field) => fieldColumns[field]))

function isField(name: string): name is keyof typeof fieldColumns {
  return Object.hasOwn(fieldColumns, name)
}

/** The row of the account is held meanwhile, so that a new name of it comes before or after, never in between. */
async function insertProfile(tx: Tx, profile: NewProfile): Promise<'exists' | 'no_account' | null> {
  const account = await holdAccount(tx, profile.userId)
  if (!account) return 'no_account'
  const values = joined(fields.map((field) => part`${profile[field]}`))
  const { count } = await tx`
    insert into profile (user_id, username, is_disabled, ${columns})
    values (${profile.userId}, ${account.username}, ${account.isDisabled}, ${values})
    on conflict (user_id) do nothing`
  return count === 1 ? null : 'exists'
}

/** Says whether anything is different now. */
async function updateProfile(tx: Tx, userId: number, change: ProfileChange): Promise<boolean> {
  const values = joined(
    fields.map((field) => part`coalesce(${change[field] ?? null}, ${fieldColumns[field]})`),
  )
  const { count } = await tx`
    update profile
    set (${columns}) = row(${values})
    where user_id = ${userId} and (${columns}) is distinct from (${values})`
  return count === 1
}
