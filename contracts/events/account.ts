import { z } from 'zod'
import { defineEvent } from './definition.ts'

const account = { user_id: z.int() }
const namedAccount = { ...account, username: z.string() }

export const userRegistered = defineEvent({
  type: 'user.registered.v1',
  producer: 'auth',
  consumers: ['users', 'posts'],
  description: 'An account exists now: a person has registered, or staff has made it.',
  payload: namedAccount,
})

export const userRenamed = defineEvent({
  type: 'user.renamed.v1',
  producer: 'auth',
  consumers: ['users', 'posts'],
  description: 'The account has this username from now on.',
  payload: namedAccount,
})

export const userDisabled = defineEvent({
  type: 'user.disabled.v1',
  producer: 'auth',
  consumers: ['users', 'posts'],
  description: 'Staff has disabled the account: nothing of it is shown any more.',
  payload: account,
})

export const userEnabled = defineEvent({
  type: 'user.enabled.v1',
  producer: 'auth',
  consumers: ['users', 'posts'],
  description: 'Staff has enabled a disabled account again.',
  payload: account,
})

export const userDeleted = defineEvent({
  type: 'user.deleted.v1',
  producer: 'auth',
  consumers: ['users', 'posts'],
  description:
    'The account is erased, and every service erases what it has of it; no event of another service repeats this.',
  payload: account,
})
