import { part } from '@ego/kit/postgres/sql-text'
import type { Account } from './account.ts'

export type AccountRow = {
  user_id: number
  username: string
  user_email: string
  email_verified_at: Date | null
  roles: string[]
  status: Account['status']
  account_created_at: Date
}

export const accountColumns = part`
  account.user_id, account.username, account.user_email, account.email_verified_at,
  account.roles, account.status, account.created_at as account_created_at`

export function toAccount(row: AccountRow): Account {
  return {
    userId: row.user_id,
    username: row.username,
    userEmail: row.user_email,
    isEmailVerified: row.email_verified_at !== null,
    roles: row.roles,
    status: row.status,
    createdAt: row.account_created_at,
  }
}
