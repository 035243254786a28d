import { appendEvent } from '@ego/kit/outbox'
import type { Sql, Tx } from '@ego/kit/postgres'
import { profileCompleted } from './events.ts'
import type { Profile } from './profile.ts'
import type { ProfileStore } from './store.ts'

type Row = {
  user_id: number
  username: string
  first_name: string
  last_name: string
  gender: Profile['gender']
  birthday: string
  bio: string
  followers: number
  following: number
  created_at: Date
}

export function postgresProfiles(sql: Sql): ProfileStore {
  return {
    complete: (profile, requestId) =>
      sql.begin(async (tx) => {
        const inserted = await tx`
          insert into profile (user_id, first_name, last_name, gender, birthday, bio)
          values (
            ${profile.userId},
            ${profile.firstName},
            ${profile.lastName},
            ${profile.gender},
            ${profile.birthday},
            ${profile.bio}
          )
          on conflict (user_id) do nothing`
        if (inserted.count === 0) return null
        await appendEvent(tx, profileCompleted, {
          key: String(profile.userId),
          payload: {
            user_id: profile.userId,
            first_name: profile.firstName,
            last_name: profile.lastName,
          },
          requestId,
        })
        return selectProfile(tx, profile.userId)
      }),

    find: (userId) => selectProfile(sql, userId),
  }
}

async function selectProfile(tx: Tx, userId: number): Promise<Profile | null> {
  // A date has no time zone; as text it cannot slip to the day before.
  const [row] = await tx<Row[]>`
    select
      profile.user_id, account.username, first_name, last_name, gender, birthday::text, bio,
      followers, following, created_at
    from profile
    join account using (user_id)
    where profile.user_id = ${userId}`
  return row ? toProfile(row) : null
}

function toProfile(row: Row): Profile {
  return {
    userId: row.user_id,
    username: row.username,
    firstName: row.first_name,
    lastName: row.last_name,
    gender: row.gender,
    birthday: row.birthday,
    bio: row.bio,
    followers: row.followers,
    following: row.following,
    createdAt: row.created_at,
  }
}
