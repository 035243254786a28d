import { lockClass } from '@ego/kit/postgres/advisory-locks'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { type Part, part } from '@ego/kit/postgres/sql-text'
import { authLocks } from '../postgres/advisory-locks.ts'
import { ageMsMax, idleMsMax } from '../session/session.ts'
import type { Step, SweepStore } from './sweep.ts'

type Options = {
  sql: Sql
  /** As long as a token may live that a key signed just before it was retired. */
  retiredMsKept: number
}

const firstId = '00000000-0000-0000-0000-000000000000'
// Longer than the last access token of a session holds: while ended sessions are not announced, verify asks for the row.
const marginMs = 3_600_000

export function postgresSweep({ sql, retiredMsKept }: Options): SweepStore {
  return {
    async alone(work) {
      await using session = await sql.openSession({ purpose: 'sweep' })
      const [lock] = await session.sql<[{ taken: boolean }]>`
        select pg_try_advisory_lock(${lockClass}, ${authLocks.sweep}) as taken`
      if (!lock.taken) return false
      await work({
        sessions: sessionSteps(session.sql),
        'mail tokens': (rowsMax) =>
          deleteExpired(session.sql, part`mail_token`, part`token_hash`, rowsMax),
        revocations: (rowsMax) =>
          deleteExpired(session.sql, part`revocation`, part`session_id`, rowsMax),
        'signing keys': () => deleteRetiredKeys(session.sql, retiredMsKept),
      })
      return true
    },
  }
}

/**
 * Walks along the primary key: an index on the time of the last use would cost every refresh, and without one a single
 * statement would read the whole table.
 */
function sessionSteps(sql: Tx): Step {
  let after = firstId
  return async (rowsMax) => {
    const [row] = await sql<[{ looked: number; last: string | null; deleted: number }]>`
      with looked_at as materialized (
        select session_id
        from session
        where session_id > ${after}
        order by session_id
        limit ${rowsMax}
      ), expired as (
        select session.session_id
        from session
        join looked_at using (session_id)
        where session.last_used_at < now() - ${idleMsMax + marginMs} * interval '1 millisecond'
          or session.created_at < now() - ${ageMsMax + marginMs} * interval '1 millisecond'
        for update of session skip locked
      ), deleted as (
        delete from session
        where session_id in (select session_id from expired)
        returning session_id
      )
      select
        (select count(*)::int from looked_at) as looked,
        (select session_id from looked_at order by session_id desc limit 1) as last,
        (select count(*)::int from deleted) as deleted`
    after = row.last ?? after
    return { deleted: row.deleted, isLast: row.looked < rowsMax }
  }
}

/** `key` is the primary key of the table. */
async function deleteExpired(sql: Tx, table: Part, key: Part, rowsMax: number) {
  const { count } = await sql`
    delete from ${table}
    where ${key} in (
      select ${key}
      from ${table}
      where expires_at < now()
      order by expires_at
      limit ${rowsMax}
      for update skip locked
    )`
  return { deleted: count, isLast: count < rowsMax }
}

async function deleteRetiredKeys(sql: Tx, retiredMsKept: number) {
  const { count } = await sql`
    delete from signing_key
    where status = 'retired' and retired_at < now() - ${retiredMsKept} * interval '1 millisecond'`
  return { deleted: count, isLast: true }
}
