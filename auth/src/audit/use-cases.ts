import { fromCursor, toCursor, toPage } from '@ego/kit/http/page'
import { z } from 'zod'
import type { AuditAction } from './audit.ts'
import type { AuditLog } from './store.ts'

export type AuditRequest = {
  user_id?: number | undefined
  action?: AuditAction | undefined
  limit: number
  cursor?: string | undefined
}

export function listAudit({ auditLog }: { auditLog: AuditLog }) {
  return async ({ user_id, action, limit, cursor }: AuditRequest) => {
    const before = cursor === undefined ? null : fromCursor(cursor, z.uuid())
    const filter = { userId: user_id ?? null, action: action ?? null }
    const found = await auditLog.list({ ...filter, before, limit: limit + 1 })
    return toPage(found, limit, (record) => toCursor(record.auditId))
  }
}
