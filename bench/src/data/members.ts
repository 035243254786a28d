import { randomBytes } from 'node:crypto'
import { StartError } from '@ego/kit/process/start-error'
import { z } from 'zod'

export type Member = {
  userId: number
  username: string
  password: string
  accessToken: string
  refreshToken: string
}

const tokens = z.object({ access_token: z.string(), refresh_token: z.string() })
const registered = tokens.extend({ user_id: z.int() })

/** New accounts with one password, each with its profile. */
export async function registerMembers(url: string, count: number): Promise<Member[]> {
  const password = randomBytes(12).toString('hex')
  const members: Member[] = []
  for (let n = 0; n < count; n += 1) members.push(await registerMember(url, password))
  return members
}

export async function registerMember(url: string, password: string): Promise<Member> {
  const username = `bench${randomBytes(6).toString('hex')}`
  const answer = registered.parse(
    await postJson(`${url}/auth/registration`, {
      username,
      password,
      user_email: `${username}@example.com`,
    }),
  )
  const member = {
    userId: answer.user_id,
    username,
    password,
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
  }
  await postJson(`${url}/users`, profile, member.accessToken)
  return member
}

/** A session more. */
export async function signIn(url: string, { username, password }: Member) {
  const answer = tokens.parse(await postJson(`${url}/auth/login`, { username, password }))
  return { accessToken: answer.access_token, refreshToken: answer.refresh_token }
}

const profile = { first_name: 'Bench', last_name: 'Mark', gender: 'other', birthday: '1990-01-02' }

async function postJson(url: string, body: unknown, accessToken?: string): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(accessToken && { authorization: `Bearer ${accessToken}` }),
    },
    body: JSON.stringify(body),
  })
  if (response.ok) return response.json()
  throw new StartError(`${url} answered ${response.status}: ${await response.text()}`)
}
