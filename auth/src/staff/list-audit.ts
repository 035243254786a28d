import type { App } from '@ego/kit/http/app'
import { jsonAnswer, memberOnly, problems } from '@ego/kit/http/openapi'
import { pageQuery } from '@ego/kit/http/page'
import { createRoute, z } from '@hono/zod-openapi'
import { staffProblems } from '../account/staff-role.ts'
import { type AuditRecord, auditActions } from '../audit/audit.ts'
import type { listAudit } from '../audit/use-cases.ts'

const auditSchema = z
  .object({
    audit_id: z.uuid(),
    at: z.iso.datetime(),
    actor_id: z.int().nullable().openapi({ description: 'Who did it; null for nobody signed in.' }),
    user_id: z.int().nullable().openapi({ description: 'Whom it happened to.' }),
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
        description: 'Whom it happened to.',
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

export type AuditRoutes = { listAudit: ReturnType<typeof listAudit> }

export function mountAudit(app: App, { listAudit }: AuditRoutes): void {
  app.openapi(list, async (c) => {
    const { items, nextCursor } = await listAudit(c.req.valid('query'))
    return c.json({ items: items.map(toView), next_cursor: nextCursor }, 200)
  })
}

function toView(record: AuditRecord): z.output<typeof auditSchema> {
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
