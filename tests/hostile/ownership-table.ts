/** Who sends a request: an anonymous client, the owner of the thing, another member, or staff. */
export const askers = ['anonymous', 'owner', 'other', 'staff'] as const
export type Asker = (typeof askers)[number]

/** A status, with the code of the problem for a refusal. */
export type Ruling = `${number}` | `${number} ${string}`

export type Rule = {
  readonly rulings: Readonly<Record<Asker, Ruling>>
  readonly body?: unknown
}

const forAll = (ruling: Ruling) => ({
  anonymous: ruling,
  owner: ruling,
  other: ruling,
  staff: ruling,
})
const notSignedIn = '401 not_signed_in'

const staffOnly = (ruling: Ruling) =>
  ({
    anonymous: notSignedIn,
    owner: '403 staff_only',
    other: '403 staff_only',
    staff: ruling,
  }) as const

/** Every documented operation with an id in its path or query. One that is missing here fails the test. */
export const rules: Readonly<Record<string, Rule>> = {
  'GET /users/{user_id}': { rulings: forAll('200') },
  'GET /users/{user_id}/followers': { rulings: forAll('200') },
  'GET /users/{user_id}/following': { rulings: forAll('200') },
  'GET /users/{user_id}/avatar': { rulings: forAll('404 avatar_not_found') },
  'GET /posts/{post_id}': { rulings: forAll('200') },
  'GET /posts': { rulings: forAll('200') },
  'GET /posts/search': { rulings: forAll('200') },

  'PATCH /users/{user_id}': {
    body: { first_name: 'Changed' },
    rulings: {
      anonymous: notSignedIn,
      owner: '200',
      other: '403 not_your_profile',
      staff: '403 not_your_profile',
    },
  },
  'PUT /users/me/following/{user_id}': {
    rulings: {
      anonymous: notSignedIn,
      owner: '409 cannot_follow_yourself',
      other: '204',
      staff: '404 profile_not_found',
    },
  },
  'DELETE /users/me/following/{user_id}': {
    rulings: {
      anonymous: notSignedIn,
      owner: '409 cannot_follow_yourself',
      other: '204',
      staff: '204',
    },
  },
  'PATCH /posts/{post_id}': {
    body: { text_content: 'changed' },
    rulings: {
      anonymous: notSignedIn,
      owner: '200',
      other: '403 not_your_post',
      staff: '403 not_your_post',
    },
  },
  'DELETE /posts/{post_id}': {
    rulings: {
      anonymous: notSignedIn,
      owner: '204',
      other: '403 not_your_post',
      staff: '403 not_your_post',
    },
  },
  'DELETE /auth/sessions/{session_id}': {
    rulings: {
      anonymous: notSignedIn,
      owner: '204',
      other: '404 session_not_found',
      staff: '404 session_not_found',
    },
  },

  'GET /auth/admin/audit': { rulings: staffOnly('200') },
  'GET /auth/admin/users/{user_id}': { rulings: staffOnly('200') },
  'PATCH /auth/admin/users/{user_id}': { body: { username: 'changed' }, rulings: staffOnly('200') },
  'DELETE /auth/admin/users/{user_id}': { rulings: staffOnly('204') },
  'POST /auth/admin/users/{user_id}/logout': { rulings: staffOnly('204') },
  'POST /auth/admin/users/{user_id}/password-reset': { rulings: staffOnly('202') },
}

/** Valid bodies for operations that check the body before the caller. */
export const bodies: Readonly<Record<string, unknown>> = {
  'POST /users': { first_name: 'A', last_name: 'B', gender: 'other', birthday: '2000-01-01' },
  'POST /posts': { text_content: 'by an anonymous client' },
}
