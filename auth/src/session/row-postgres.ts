import type { Session } from './session.ts'

export type SessionRow = { session_id: string; secret: Buffer; counter: number; rotated_at: Date }
export type SessionTimes = { created_at: Date; last_used_at: Date }

export function toSession(row: SessionRow): Session {
  return {
    sessionId: row.session_id,
    secret: row.secret,
    counter: row.counter,
    rotatedAt: row.rotated_at,
  }
}
