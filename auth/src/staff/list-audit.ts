import type { App } from '@ego/kit/http/context'
import { jsonAnswer, memberOnly, problems } from '@ego/kit/http/openapi'
import { fromCursor, pageQuery, toCursor, toPage } from '@ego/kit/http/page'
import { createRoute, z } from '@hono/zod-openapi'
import { type AuditLog, type AuditRecord, auditActions } from '../audit/audit.ts'
import { staffProblems } from './staff-only.ts'

const auditSchema = z
  .object({
    audit_id: z.uuid(),
    at: z.iso.datetime(),
    actor_id: z
      .int()
      .nullable()
      .openapi({ description: 'Who did it; null for a caller who was not signed in.' }),
    user_id: z.int().nullable().openapi({ description: 'The account that it concerns.' }),
    action: z.enum(auditActions),
    ip: z.string().nullable(),
    device: z.string().nullable(),
    request_id: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
  })
  .openapi('AuditEntry')

const list = createRoute({
  method: 'get',
  path: '/auth/admin/audit',
  tags: ['admin'],
  summary: 'Who did what when and from where, newest first',
  security: memberOnly,
  request: {
    query: z.strictObject({
      user_id: z.coerce.number('Use the number of a user.').int().positive().optional().openapi({
        type: 'integer',
        description: 'The account that it concerns.',
      }),
      action: z.enum(auditActions).optional(),
      ...pageQuery,
    }),
  },
  responses: {
    200: jsonAnswer(
      'A page of entries',
      z.object({ items: z.array(auditSchema), next_cursor: z.string().nullable() }),
    ),
    ...problems(staffProblems),
  },
})

type Deps = { auditLog: AuditLog }

export function mountListAudit(app: App, { auditLog }: Deps): void {
  app.openapi(list, async (c) => {
    const { user_id, action, limit, cursor } = c.req.valid('query')
    const before = cursor === undefined ? null : fromCursor(cursor, z.uuid())
    const filter = { userId: user_id ?? null, action: action ?? null }
    const found = await auditLog.list({ ...filter, before, limit: limit + 1 })
    const page = toPage(found, limit, (record) => toCursor(record.auditId))
    return c.json({ items: page.items.map(auditView), next_cursor: page.nextCursor }, 200)
  })
}

function auditView(record: AuditRecord): z.output<typeof auditSchema> {
  return {
    audit_id: record.auditId,
    at: record.at.toISOString(),
    actor_id: record.actorId,
    user_id: record.userId,
    action: record.action,
    ip: record.ip,
    device: record.device,
    request_id: record.requestId,
    detail: record.detail,
  }
}
