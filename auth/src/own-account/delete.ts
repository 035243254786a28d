import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { bodyProblems, jsonBody, memberOnly, problems } from '@ego/kit/http/openapi'
import { Problem } from '@ego/kit/http/problem'
import { createRoute, z } from '@hono/zod-openapi'
import { byOf } from '../audit/audit.ts'
import { endedSession } from '../session/session-check.ts'
import { ownProblems } from './own-account.ts'
import {
  type ProofDeps,
  proofProblems,
  provenPassword,
  provePassword,
  wrongPassword,
} from './proof.ts'
import type { OwnAccountStore } from './store.ts'

const remove = createRoute({
  method: 'delete',
  path: '/auth/me',
  tags: ['account'],
  summary: 'Erase your own account everywhere',
  security: memberOnly,
  request: {
    body: jsonBody(z.strictObject({ password: provenPassword }).openapi('AccountDeletion')),
  },
  responses: {
    204: { description: 'Erased' },
    ...problems({ ...bodyProblems, ...ownProblems, ...proofProblems, 409: '`last_staff`' }),
  },
})

type Deps = ProofDeps & { ownAccounts: Pick<OwnAccountStore, 'delete'> }

export function mountDeleteOwn(app: App, deps: Deps): void {
  app.openapi(remove, async (c) => {
    const { userId, sessionId } = requireMember(c)
    const by = byOf(c)
    const prover = { userId, sessionId, ip: by.ip }
    const passwordSince = await provePassword(deps, prover, c.req.valid('json').password)
    const outcome = await deps.ownAccounts.delete({ userId, sessionId, passwordSince }, by)
    if (outcome === 'session_ended') throw endedSession()
    if (outcome === 'password_changed') throw wrongPassword()
    if (outcome === 'last_staff') throw lastStaff()
    return c.body(null, 204)
  })
}

function lastStaff(): Problem {
  const text = 'You are the last member of the staff. Make another user staff first.'
  return new Problem(409, 'last_staff', text)
}
