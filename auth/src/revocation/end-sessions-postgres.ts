import type { Tx } from '@ego/kit/postgres/postgres'
import type { Part } from '@ego/kit/postgres/sql-text'

/** Called with the sessions that this process has ended, once that is committed. */
export type OnEnded = (sessionIds: readonly string[]) => void

/** The channel that every auth process listens to. */
export const sessionEnded = 'session_ended'

/** An access token outlives its session by 15 minutes at most; the rest is for clocks that differ. */
export const revokedMs = 20 * 60_000

/** Ends every session that fits, and tells all auth processes in the same transaction. */
export async function endSessions(tx: Tx, which: Part): Promise<string[]> {
  const [row] = await tx<{ ids: string[] }[]>`
    with ended as (
      delete from session
      where ${which}
      returning session_id
    ), revoked as (
      insert into revocation (session_id, expires_at)
      select session_id, now() + ${revokedMs} * interval '1 millisecond'
      from ended
      on conflict do nothing
    )
    select
      array_agg(session_id::text) as ids,
      pg_notify(${sessionEnded}, string_agg(session_id::text, ','))
    from ended
    having count(*) > 0`
  return row?.ids ?? []
}
