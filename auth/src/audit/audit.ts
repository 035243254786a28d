import type { Origin } from '../session/session.ts'

export const auditActions = [
  'account.registered',
  'account.created',
  'account.renamed',
  'account.disabled',
  'account.enabled',
  'account.deleted',
  'roles.changed',
  'email.change_requested',
  'email.changed',
  'email.verified',
  'password.changed',
  'password.reset_requested',
  'password.reset',
  'session.started',
  'session.stolen',
  'sessions.ended',
] as const

export type AuditAction = (typeof auditActions)[number]

/** Who does something, and from where; nobody signed in has neither `actorId` nor `sessionId`. */
export type By = Origin & {
  actorId: number | null
  sessionId: string | null
  requestId: string | null
}

/** `detail` holds no secret and no address: entries are kept for good and read by staff. */
export type AuditEntry = {
  action: AuditAction
  userId: number | null
  detail?: Record<string, unknown>
}

/** An entry as it was kept. */
export type AuditRecord = Omit<By, 'device' | 'ip' | 'sessionId'> & {
  auditId: string
  at: Date
  action: AuditAction
  userId: number | null
  ip: string | null
  device: string | null
  detail: Record<string, unknown>
}
