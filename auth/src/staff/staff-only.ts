import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { requireStaffRole } from '../account/staff-role.ts'

/** What every operation for staff may refuse. */
export const staffProblems = {
  401: '`not_signed_in`, `token_invalid`',
  403: '`staff_only`',
  422: '`validation_failed`',
  503: '`unavailable`',
} as const

export const userProblems = { ...staffProblems, 404: '`user_not_found`' } as const

/**
 * The gateway asks for the role too; this also holds for requests that reach the service without it. By path, so that no
 * operation can be added without it: mount it before them.
 */
export function mountStaffOnly(app: App): void {
  app.use('/auth/admin/*', async (c, next) => {
    requireStaffRole(requireMember(c).roles)
    await next()
  })
}
