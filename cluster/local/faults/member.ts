import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Insist } from './insist.ts'

/** A user of the platform. All fields are what the platform has acknowledged. */
export type Member = {
  userId: number
  username: string
  /** In every post of this member, and in no other. */
  word: string
  bio: string
  token: string
  refreshToken: string
  following: Set<number>
  posts: Map<string, string>
}

const tokens = z.object({ access_token: z.string(), refresh_token: z.string() })
const account = z.object({ user_id: z.int() })

const password = 'a good passphrase'

export async function register(insist: Insist): Promise<Member> {
  const word = randomBytes(6).toString('hex')
  const username = `f.${word}`
  const body = { username, password, user_email: `${username}@example.com` }
  const answer = await insist('register', '/auth/registration', {
    method: 'POST',
    body,
    refusals: [409],
  })
  const mine = { username, word, bio: '', following: new Set<number>(), posts: new Map() }
  const member: Member = { ...mine, userId: 0, token: '', refreshToken: '' }
  if (answer.status === 201) keepTokens(member, answer.body)
  // An earlier request, whose answer was lost, has created the account.
  else await login(insist, member)
  const { token } = member
  member.userId = account.parse((await insist('read account', '/auth/me', { token })).body).user_id
  const profile = { first_name: 'F', last_name: word, gender: 'other', birthday: '2000-01-01' }
  await insist('profile', '/users', { method: 'POST', token, body: profile, refusals: [409] })
  return member
}

export async function login(insist: Insist, member: Member): Promise<void> {
  const body = { username: member.username, password }
  keepTokens(member, (await insist('login', '/auth/login', { method: 'POST', body })).body)
}

export async function refresh(insist: Insist, member: Member): Promise<void> {
  const body = { refresh_token: member.refreshToken }
  keepTokens(member, (await insist('refresh', '/auth/refresh', { method: 'POST', body })).body)
}

export async function rename(insist: Insist, member: Member): Promise<void> {
  const username = `f.${member.word}.${randomBytes(3).toString('hex')}`
  const { token } = member
  // A rename without the password would count as a failed attempt.
  const body = { username, current_password: password }
  await insist('rename', '/auth/me', { method: 'PATCH', token, body })
  member.username = username
}

function keepTokens(member: Member, body: unknown): void {
  const { access_token, refresh_token } = tokens.parse(body)
  member.token = access_token
  member.refreshToken = refresh_token
}
