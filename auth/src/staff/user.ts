import { z } from '@hono/zod-openapi'
import type { Account } from '../account/account.ts'
import { userNotFound } from './refusal.ts'
import type { UserStore } from './store.ts'

const rolesMax = 10

// They travel in a header, separated by commas.
export const role = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'Use a lower-case word of 1 to 32 characters.')
  .openapi({ example: 'staff' })

/** In one order and each once, so that the same roles are equal. */
export const roles = z
  .array(role)
  .max(rolesMax, `An account has at most ${rolesMax} roles.`)
  .transform((list) => [...new Set(list)].sort())

export const status = z.enum(['active', 'disabled'])

/** Any whole number may be asked for; one that cannot be an id is a 404 like any other. */
export const userIdParams = z.object({
  user_id: z
    .string()
    .regex(/^-?\d+$/, 'Use the number of a user.')
    .transform(Number)
    .openapi({ type: 'integer', example: 1 }),
})

export const userSchema = z
  .object({
    user_id: z.int(),
    username: z.string(),
    user_email: z.string(),
    email_verified: z.boolean(),
    status,
    roles: z.array(z.string()),
    created_at: z.iso.datetime(),
  })
  .openapi('User')

export function userView(account: Account): z.output<typeof userSchema> {
  return {
    user_id: account.userId,
    username: account.username,
    user_email: account.userEmail,
    email_verified: account.isEmailVerified,
    status: account.status,
    roles: [...account.roles],
    created_at: account.createdAt.toISOString(),
  }
}

export const userId = z.coerce.number().int().positive()

// A number that no id can be would be an error in the database.
export function possibleId(id: number): number {
  if (userId.safeParse(id).success) return id
  throw userNotFound()
}

export async function readUser(users: Pick<UserStore, 'find'>, id: number): Promise<Account> {
  const user = await users.find(possibleId(id))
  if (user) return user
  throw userNotFound()
}
