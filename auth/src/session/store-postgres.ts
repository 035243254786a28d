import type { Sql, Tx } from '@ego/kit/postgres'
import type { NewSession, Session } from './session.ts'
import type { SessionStore } from './store.ts'

export function postgresSessions(sql: Sql): SessionStore {
  return { start: (userId, session) => insertSession(sql, userId, session) }
}

export async function insertSession(tx: Tx, userId: number, session: NewSession): Promise<Session> {
  const [row] = await tx<[{ session_id: string; counter: number }]>`
    insert into session (user_id, secret, device, ip)
    values (${userId}, ${session.secret}, ${session.device}, ${session.ip})
    returning session_id, counter`
  return { sessionId: row.session_id, counter: row.counter, secret: session.secret }
}
