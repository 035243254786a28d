import type { AuditAction, AuditRecord } from './audit.ts'

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
