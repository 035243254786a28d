import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { images } from './avatar.ts'
import { type Mailbox, readMailbox } from './mailbox.ts'
import type { Answer, Send } from './wire.ts'

/** A part of a world: its known values by name. */
export type Facts = Readonly<Record<string, string>>

type Call = {
  token?: string | undefined
  body?: unknown
  bytes?: Buffer
  /** How many refusals to retry: on a busy machine, a registration may arrive late. */
  refusalsMax?: number
}

/** Creates accounts, posts and so on through the API, so that requests get past 401 and 404. */
export type People = {
  call(method: string, path: string, options?: Call): Promise<Answer>
  register(): Promise<Facts>
  addProfile(member: Facts): Promise<void>
  addAvatar(member: Facts): Promise<void>
  signIn(member: Facts): Promise<Facts>
  makeStaff(): Promise<Facts>
  mailbox: Mailbox
}

const tokens = z.object({ access_token: z.string(), refresh_token: z.string() })
const withId = z.object({ user_id: z.int() })

export async function createPeople(send: Send, dataFolder: string): Promise<People> {
  let count = 0
  const mailbox = readMailbox(join(dataFolder, 'mail'))

  async function call(method: string, path: string, options: Call = {}): Promise<Answer> {
    const { token, body, bytes, refusalsMax = 0 } = options
    const content = bytes ?? (body === undefined ? null : Buffer.from(JSON.stringify(body)))
    const answer = await send({
      ...{ method, target: path, isChunked: false, body: content },
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
      },
    })
    if (answer.status < 300) return answer
    if (answer.status === 503 && refusalsMax > 0) {
      return call(method, path, { ...options, refusalsMax: refusalsMax - 1 })
    }
    throw new Error(
      `The fuzz cannot continue: ${method} ${path} is ${answer.status} ${answer.body}`,
    )
  }

  const secrets = JSON.parse(await readFile(join(dataFolder, 'secrets.json'), 'utf8'))
  const admin = await signIn({
    username: 'admin',
    password: String(Object(secrets).ADMIN_PASSWORD),
  })

  function aPerson() {
    count += 1
    const username = `fuzz.${count}.${'abcdefgh'.slice(count % 8)}`
    return { username, password: `passphrase ${count}`, user_email: `${username}@example.com` }
  }

  async function register(): Promise<Facts> {
    const { user_email, ...person } = aPerson()
    const made = await call('POST', '/auth/registration', { body: { ...person, user_email } })
    const answer = withId.extend(tokens.shape).parse(jsonOf(made))
    return { ...person, email: user_email, ...factsOf(answer), id: String(answer.user_id) }
  }

  async function signIn({ username = '', password = '' }: Facts): Promise<Facts> {
    const answer = await call('POST', '/auth/login', { body: { username, password } })
    return factsOf(tokens.parse(jsonOf(answer)))
  }

  async function makeStaff(): Promise<Facts> {
    const { user_email, ...person } = aPerson()
    const body = { ...person, user_email, roles: ['staff'] }
    const made = await call('POST', '/auth/admin/users', { token: admin.token, body })
    const { user_id } = withId.parse(jsonOf(made))
    return { ...person, email: user_email, id: String(user_id), ...(await signIn(person)) }
  }

  return {
    ...{ call, register, signIn, makeStaff, mailbox },
    async addProfile({ token }) {
      const body = {
        first_name: 'Fuzz',
        last_name: 'Test',
        gender: 'other',
        birthday: '2000-02-29',
      }
      await call('POST', '/users', { token, body, refusalsMax: 100 })
    },
    async addAvatar({ token }) {
      await call('PUT', '/users/me/avatar', { token, bytes: Buffer.from(images.png, 'base64') })
    },
  }
}

export function jsonOf({ body }: Answer): unknown {
  return JSON.parse(body.toString())
}

function factsOf({ access_token, refresh_token }: z.output<typeof tokens>): Facts {
  const claims = Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString()
  return {
    token: access_token,
    refresh: refresh_token,
    session: String(Object(JSON.parse(claims)).sid),
  }
}
