import { z } from 'zod'
import type { Answer, Ask } from './answer.ts'
import type { Work } from './load-job.ts'

/** What a connection asks next; it has heard the answer before, which is `null` in the beginning. */
export type Script = (previous: Answer | null) => Ask

const refreshed = z.object({ refresh_token: z.string() })

/** Each connection has its own, so that they do not all ask the same at the same time. */
export function scriptOf(work: Work, index: number): Script {
  switch (work.kind) {
    case 'get':
      return () => ({ path: work.path, headers: work.headers })
    case 'login':
      return loginScript(work, index)
    case 'refresh':
      return refreshScript(work.refreshTokens[index] ?? '')
    case 'post':
      return postScript(work.accessTokens[index % work.accessTokens.length] ?? '', index)
  }
}

function loginScript(
  { names, password }: { names: string[]; password: string },
  first: number,
): Script {
  let turn = first
  return () => {
    const username = names[turn % names.length]
    turn += 1
    return { method: 'POST', path: '/auth/login', body: { username, password } }
  }
}

function refreshScript(first: string): Script {
  return (previous) => {
    const token = previous ? refreshed.parse(JSON.parse(previous.body)).refresh_token : first
    return { method: 'POST', path: '/auth/refresh', body: { refresh_token: token } }
  }
}

function postScript(accessToken: string, index: number): Script {
  const headers = { authorization: `Bearer ${accessToken}` }
  let written = 0
  return () => {
    written += 1
    const text_content = `Post ${written} of connection ${index}, as long as people write them on most days.`
    return { method: 'POST', path: '/posts', headers, body: { text_content } }
  }
}
