import { z } from 'zod'
import { defineEvent } from './definition.ts'

const account = { user_id: z.int() }
const namedAccount = { ...account, username: z.string() }

export const userRegistered = defineEvent({
  type: 'user.registered.v1',
  producer: 'auth',
  consumers: ['users', 'posts'],
  description: 'An account was created: a person has registered, or staff has created it.',
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
  description: 'Staff has disabled the account, which is no longer shown anywhere.',
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
    'The account was erased, and every service erases its data about it. Other services publish no events of their own about that.',
  payload: account,
})
