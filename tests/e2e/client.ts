import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { z } from 'zod'

export type Call = {
  method?: string
  token?: string
  body?: unknown
  headers?: Record<string, string>
}

export type Answer = { status: number; headers: Headers; body: unknown }

/** Sends one request through the gateway. A body that is not a string is sent as JSON. */
export async function call(path: string, options: Call = {}): Promise<Answer> {
  const { method = 'GET', token, body, headers = {} } = options
  const response = await fetch(`${inject('baseUrl')}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') && text !== ''
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  }
}

export const problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().min(1),
  code: z.string().regex(/^[a-z][a-z0-9_]*$/),
  request_id: z.string().min(1),
  errors: z.array(z.strictObject({ pointer: z.string(), message: z.string() })).optional(),
})

const registered = z.object({
  user_id: z.int().positive(),
  access_token: z.string(),
  refresh_token: z.string(),
})

export const aPassword = 'a good passphrase'

/** Registers an account with a unique name, so that the suite can run repeatedly against one platform. */
export async function aMember() {
  const username = `e2e.${randomBytes(6).toString('hex')}`
  const answer = await call('/auth/registration', {
    method: 'POST',
    body: { username, password: aPassword, user_email: `${username}@example.com` },
  })
  const { user_id, access_token, refresh_token } = registered.parse(answer.body)
  return { userId: user_id, username, token: access_token, refreshToken: refresh_token }
}

/** Repeats a request until the answer fits, because changes that travel by events arrive a moment later. */
export async function eventually<T>(ask: () => Promise<T>, fits: (answer: T) => boolean) {
  const deadline = Date.now() + 5_000
  for (;;) {
    const answer = await ask()
    if (fits(answer) || Date.now() > deadline) return answer
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
