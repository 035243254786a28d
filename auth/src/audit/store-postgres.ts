import type { Tx } from '@ego/kit/postgres/postgres'
import { type Part, part } from '@ego/kit/postgres/sql-text'
import type { AuditAction, AuditEntry, AuditLog, By } from './audit.ts'

type Row = {
  audit_id: string
  at: Date
  actor_id: number | null
  user_id: number | null
  action: AuditAction
  ip: string | null
  device: string | null
  request_id: string | null
  detail: Record<string, unknown>
}

/** Written in the transaction of what it tells about: neither exists without the other. */
export async function appendAudit(tx: Tx, by: By, entry: AuditEntry): Promise<void> {
  await tx`${auditInsert(by, entry)}`
}

/** For a statement that writes what it tells about. */
export function auditInsert(by: By, { action, userId, detail = {} }: AuditEntry): Part {
  return part`
    insert into audit (actor_id, user_id, action, ip, device, request_id, detail)
    values (${by.actorId}, ${userId}, ${action}, ${by.ip}, ${by.device}, ${by.requestId}, ${detail})`
}

export function postgresAuditLog(sql: Tx): AuditLog {
  return {
    async list({ userId, action, limit, before }) {
      // UUIDv7 grows with time, so the id is the order too.
      const rows = await sql<Row[]>`
        select audit_id, at, actor_id, user_id, action, ip, device, request_id, detail
        from audit
        where true
        ${userId === null ? part`` : part`and user_id = ${userId}`}
        ${action === null ? part`` : part`and action = ${action}`}
        ${before === null ? part`` : part`and audit_id < ${before}`}
        order by audit_id desc
        limit ${limit}`
      return rows.map((row) => ({
        auditId: row.audit_id,
        at: row.at,
        actorId: row.actor_id,
        userId: row.user_id,
        action: row.action,
        ip: row.ip,
        device: row.device,
        requestId: row.request_id,
        detail: row.detail,
      }))
    },
  }
}
