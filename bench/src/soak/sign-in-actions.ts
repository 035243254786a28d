import { z } from 'zod'
import { registerMember } from '../data/members.ts'
import type { Answer } from '../load/answer.ts'
import type { Action, Walker } from './walker.ts'

const tokens = z.object({ access_token: z.string(), refresh_token: z.string() })

export const signIns: readonly Action[] = [
  { name: 'register', weight: 0.2, run: register },
  { name: 'login', weight: 1, run: login },
  { name: 'refresh', weight: 2, run: refresh },
]

/** Goes on as a new member. */
async function register(walker: Walker): Promise<Answer> {
  walker.member = await registerMember(walker.url, walker.member.password)
  walker.people.push(walker.member.userId)
  walker.postId = null
  return { status: 201, body: '' }
}

/** Goes on with the new session: the oldest ones are ended once there are too many. */
async function login(walker: Walker): Promise<Answer> {
  const { username, password } = walker.member
  const body = { username, password }
  return adopt(walker, await walker.connection.ask({ method: 'POST', path: '/auth/login', body }))
}

async function refresh(walker: Walker): Promise<Answer> {
  const body = { refresh_token: walker.member.refreshToken }
  return adopt(walker, await walker.connection.ask({ method: 'POST', path: '/auth/refresh', body }))
}

function adopt(walker: Walker, answer: Answer): Answer {
  if (answer.status !== 200) return answer
  const { access_token, refresh_token } = tokens.parse(JSON.parse(answer.body))
  walker.member = { ...walker.member, accessToken: access_token, refreshToken: refresh_token }
  return answer
}
