import { type App, requireMember } from '@ego/kit/http/app'
import { Problem } from '@ego/kit/http/problem'

/** What every operation for staff may refuse. */
export const staffProblems = {
  401: '`not_signed_in`, `token_invalid`',
  403: '`staff_only`',
  422: '`validation_failed`',
  503: '`unavailable`',
} as const

/**
 * The gateway asks for the role too; this holds for whoever reaches the service without it. By path, so that no
 * operation can be added without it: mount it before them.
 */
export function mountStaffOnly(app: App): void {
  app.use('/auth/admin/*', async (c, next) => {
    requireStaffRole(requireMember(c).roles)
    await next()
  })
}

export function requireStaffRole(roles: readonly string[]): void {
  if (roles.includes('staff')) return
  throw new Problem(403, 'staff_only', 'Only members with the role staff may do this.')
}
