import { requireMember } from '@ego/kit/http/app'
import type { AppContext } from '@ego/kit/http/context'
import { Problem } from '@ego/kit/http/problem'

export const pairProblems = {
  401: '`not_signed_in`, `token_invalid`',
  409: '`cannot_follow_yourself`',
  422: '`validation_failed`',
  503: '`unavailable`',
} as const

/** The caller and the user of the path, who are two different ones. */
export function pairOf(
  c: AppContext,
  followedId: number,
): [followerId: number, followedId: number] {
  const { userId } = requireMember(c)
  if (userId !== followedId) return [userId, followedId]
  throw new Problem(409, 'cannot_follow_yourself', 'You cannot follow yourself.')
}
