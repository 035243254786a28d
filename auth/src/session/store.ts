import type { NewSession, Session } from './session.ts'

export type SessionStore = {
  start(userId: number, session: NewSession): Promise<Session>
}
