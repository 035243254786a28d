import { clientIp } from '@ego/kit/http/client-ip'
import type { AppContext } from '@ego/kit/http/context'

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

/** Where a request comes from; the owner of the account is shown both. */
export type Origin = { device: string; ip: string }

/** Who does something, and from where. `actorId` and `sessionId` are null unless a user is signed in. */
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

export type AuditFilter = {
  userId: number | null
  action: AuditAction | null
  limit: number
  before: string | null
}

export type AuditLog = {
  /** Newest first, at most `limit`, and only those older than the entry `before`; `null` filters nothing. */
  list(filter: AuditFilter): Promise<AuditRecord[]>
}

// Clients choose it freely, and it is stored, mailed and shown.
const deviceCharactersMax = 200

/** Who sends this request, and from where. */
export function byOf(c: AppContext): By {
  const caller = c.get('caller')
  return {
    device: (c.req.header('user-agent') ?? 'unknown').slice(0, deviceCharactersMax),
    ip: clientIp(c),
    actorId: caller?.userId ?? null,
    sessionId: caller?.sessionId ?? null,
    requestId: c.get('requestId'),
  }
}
