import { z } from '@hono/zod-openapi'

export type Account = {
  userId: number
  username: string
  userEmail: string
  isEmailVerified: boolean
  roles: readonly string[]
  status: 'active' | 'disabled'
  createdAt: Date
}

/** The person a mail is for. */
export type Owner = Pick<Account, 'userEmail' | 'username'>

export function isStaff(roles: readonly string[]): boolean {
  return roles.includes('staff')
}

export const username = z
  .string()
  .regex(
    /^[a-zA-Z0-9][\w.-]{2,31}$/,
    'Use 3 to 32 of a-z A-Z 0-9 _ . - and start with a letter or a digit.',
  )
  .openapi({ example: 'testusername' })

export const userEmail = z
  .email('Use an e-mail address.')
  .max(254, 'An e-mail address has at most 254 characters.')
  .openapi({ example: 'testemail@example.com' })

const passwordCharactersMin = 8
const passwordCharactersMax = 256

export const password = z
  .string()
  // Half a surrogate pair has no bytes of its own: different passwords would become the same.
  .refine((text) => text.isWellFormed(), 'Use whole characters.')
  .refine(hasAllowedLength, `Use ${passwordCharactersMin} to ${passwordCharactersMax} characters.`)
  .openapi({ example: 'testpassword', format: 'password', minLength: 8, maxLength: 256 })

// Counted in code points, so that one emoji is one character.
function hasAllowedLength(text: string): boolean {
  if (text.length > passwordCharactersMax * 2) return false
  const characters = [...text].length
  return characters >= passwordCharactersMin && characters <= passwordCharactersMax
}
