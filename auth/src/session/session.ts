import { randomBytes } from 'node:crypto'
import type { Origin } from '../audit/audit.ts'

export type NewSession = Origin & { secret: Buffer; startedAt: Date }

/** What the tokens of a session are made from. */
export type Session = { sessionId: string; secret: Buffer; counter: number; rotatedAt: Date }

export const sessionsMax = 50

const secretBytes = 32
const dayMs = 86_400_000
export const idleMsMax = 30 * dayMs
export const ageMsMax = 90 * dayMs
const graceMs = 30_000

export function createSession({ device, ip }: Origin, nowMs: number): NewSession {
  return {
    device,
    ip,
    secret: randomBytes(secretBytes),
    startedAt: new Date(nowMs),
  }
}

export function hasExpired(session: { createdAt: Date; lastUsedAt: Date }, nowMs: number): boolean {
  const idleMs = nowMs - session.lastUsedAt.getTime()
  return idleMs > idleMsMax || nowMs - session.createdAt.getTime() > ageMsMax
}

/** The token before the last one is good for a moment longer: two tabs may race, or an answer may get lost. */
export function isInGrace(session: Session, counter: number, nowMs: number): boolean {
  return counter === session.counter - 1 && nowMs - session.rotatedAt.getTime() <= graceMs
}
