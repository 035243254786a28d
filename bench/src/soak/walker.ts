import type { Member } from '../data/members.ts'
import type { Random } from '../data/texts.ts'
import type { Answer, Ask } from '../load/answer.ts'
import type { Connection } from '../load/connection.ts'

/** A member who does this and that, one thing after the other on one connection. */
export type Walker = {
  url: string
  connection: Connection
  random: Random
  member: Member
  /** Everybody who can be followed. */
  people: number[]
  /** A post of this member's, once there is one. */
  postId: string | null
}

export type Action = {
  name: string
  /** How often, as a share of the sum of all. */
  weight: number
  run(walker: Walker): Promise<Answer>
}

/** As a member. */
export function askAs({ connection, member }: Walker, ask: Ask): Promise<Answer> {
  const authorization = `Bearer ${member.accessToken}`
  return connection.ask({ ...ask, headers: { ...ask.headers, authorization } })
}

export function oneOf<T>(random: Random, values: readonly T[]): T | undefined {
  return values[Math.floor(random() * values.length)]
}
