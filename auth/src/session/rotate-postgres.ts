import type { Tx } from '@ego/kit/postgres/postgres'
import { type AccountRow, accountColumns, toAccount } from '../account/row-postgres.ts'
import { type SessionRow, type SessionTimes, toSession } from './row-postgres.ts'
import type { Session } from './session.ts'
import type { StoredSession } from './store.ts'

export type Rotation = { session: Session; at: Date }
type Rotated = Pick<SessionRow, 'session_id' | 'counter' | 'rotated_at'>

export async function findSessions(sql: Tx, sessionIds: readonly string[]) {
  const rows = await sql<(SessionRow & SessionTimes & AccountRow)[]>`
    select
      session_id, secret, counter, rotated_at, session.created_at, last_used_at,
      ${accountColumns}
    from session
    join account using (user_id)
    where session_id = any(${[...sessionIds]}::uuid[])`
  const found = new Map(rows.map((row) => [row.session_id, row]))
  return (sessionId: string): StoredSession | null => {
    const row = found.get(sessionId)
    if (!row) return null
    const times = { createdAt: row.created_at, lastUsedAt: row.last_used_at }
    return { ...toSession(row), ...times, account: toAccount(row) }
  }
}

export async function rotateSessions(sql: Tx, wanted: readonly Rotation[]) {
  const rows = await sql<Rotated[]>`
    with due as (
      select session.session_id, wanted.at
      from unnest(
        ${wanted.map(({ session }) => session.sessionId)}::uuid[],
        ${wanted.map(({ session }) => session.counter)}::bigint[],
        ${wanted.map(({ at }) => at)}::timestamptz[]
      ) as wanted (session_id, counter, at)
      join session using (session_id, counter)
      for update of session skip locked
    )
    update session
    set counter = counter + 1, rotated_at = due.at, last_used_at = due.at
    from due
    where session.session_id = due.session_id
    returning session.session_id, counter, rotated_at`
  const rotated = new Map(rows.map((row) => [row.session_id, row]))
  return ({ session }: Rotation): Session | null => {
    const row = rotated.get(session.sessionId)
    // Several may have come with one token; who came with an older one has rotated nothing.
    return row?.counter === session.counter + 1 ? toRotated(session, row) : null
  }
}

export async function rotateSession(sql: Tx, session: Session, at: Date): Promise<Session | null> {
  const [row] = await sql<Rotated[]>`
    update session
    set counter = counter + 1, rotated_at = ${at}, last_used_at = ${at}
    where session_id = ${session.sessionId} and counter = ${session.counter}
    returning session_id, counter, rotated_at`
  return row ? toRotated(session, row) : null
}

function toRotated(session: Session, { counter, rotated_at: rotatedAt }: Rotated): Session {
  const { sessionId, secret } = session
  return { sessionId, secret, counter, rotatedAt }
}
