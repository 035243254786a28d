import { Problem } from '@ego/kit/http/problem'
import { isStaff } from './account.ts'

export function requireStaffRole(roles: readonly string[]): void {
  if (!isStaff(roles)) throw staffOnly()
}

export function staffOnly(): Problem {
  return new Problem(403, 'staff_only', 'Only members with the role staff may do this.')
}
