/** Something that exists while the fuzz runs: `{ known: 'other', field: 'id' }` is the id of another member. */
export type Known = { known: Part; field: string }

/** The parts of a world. Each is created when it is first needed. */
export type Part =
  | 'owner'
  | 'other'
  | 'staff'
  | 'pictured'
  | 'session'
  | 'ownPost'
  | 'otherPost'
  | 'verification'
  | 'reset'
  | 'cursor'

const of = (known: Part, field: string): Known => ({ known, field })

const userIds = [of('other', 'id'), of('other', 'id'), of('owner', 'id')]

/** By the name of a field in any operation. */
const everywhere: Readonly<Record<string, readonly Known[]>> = {
  user_id: userIds,
  creator_id: userIds,
  post_id: [of('ownPost', 'id'), of('ownPost', 'id'), of('otherPost', 'id')],
  session_id: [of('session', 'id')],
  cursor: [of('cursor', 'text')],
  'if-match': [of('ownPost', 'etag')],
  'If-None-Match': [of('ownPost', 'etag')],
}

/** For operations in which a field of that name has another meaning. */
const ofOperation: Readonly<Record<string, Readonly<Record<string, readonly Known[]>>>> = {
  'POST /auth/login': {
    username: [of('owner', 'username')],
    user_email: [of('owner', 'email')],
    password: [of('owner', 'password')],
  },
  'POST /auth/refresh': { refresh_token: [of('owner', 'refresh')] },
  'PATCH /auth/me': { current_password: [of('owner', 'password')] },
  'DELETE /auth/me': { password: [of('owner', 'password')] },
  'POST /auth/email/verification/confirm': { token: [of('verification', 'token')] },
  'POST /auth/password/forgot': { user_email: [of('owner', 'email')] },
  'POST /auth/password/reset': { token: [of('reset', 'token')] },
  'PATCH /users/{user_id}': { user_id: [of('owner', 'id')] },
  'GET /users/{user_id}/avatar': { user_id: [of('pictured', 'id')] },
}

export function findKnown(operation: string, field: string): readonly Known[] {
  return ofOperation[operation]?.[field] ?? everywhere[field] ?? []
}

/** Forged positions inside a cursor. */
export const forgedPositions: readonly string[] = [
  ...['', '0', '-1', '1.5', '1e400', 'NaN', '9'.repeat(16), '9'.repeat(300), '\0', "' or 1=1 --"],
  ...[
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '\ud800',
    '%',
  ],
]

export const forgedCursors: readonly Known[] = forgedPositions.map((_, at) => of('cursor', `${at}`))

/** Refusals that show that a part, as `part.field`, is used up, so that the world must create a new one. */
export const usedUp: Readonly<Record<string, readonly string[]>> = {
  token_invalid: ['owner.token', 'other.token', 'staff.token'],
  staff_only: ['staff.token'],
  session_ended: ['owner.refresh'],
  refresh_token_invalid: ['owner.refresh'],
  refresh_token_reused: ['owner.refresh'],
  wrong_password: ['owner.password'],
  bad_credentials: ['owner.password'],
  profile_exists: ['owner.token'],
  profile_not_found: ['owner.token'],
  user_not_found: ['owner.id', 'other.id', 'pictured.id'],
  user_disabled: ['owner.id', 'other.id'],
  avatar_not_found: ['pictured.id'],
  session_not_found: ['session.id'],
  post_not_found: ['ownPost.id', 'otherPost.id'],
  post_changed: ['ownPost.etag'],
  mailed_token_invalid: ['verification.token', 'reset.token'],
}

/** Sent less often, because each success creates an account, a mail or an image, or needs a new one next time. */
export const costly: ReadonlySet<string> = new Set([
  'POST /auth/registration',
  'POST /auth/logout',
  'PATCH /auth/me',
  'DELETE /auth/me',
  'DELETE /auth/sessions/{session_id}',
  'POST /auth/email/verification',
  'POST /auth/email/verification/confirm',
  'POST /auth/password/forgot',
  'POST /auth/password/reset',
  'POST /auth/admin/users',
  'DELETE /auth/admin/users/{user_id}',
  'POST /auth/admin/users/{user_id}/password-reset',
  'POST /users',
  'PUT /users/me/avatar',
])
