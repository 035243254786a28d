import { Problem } from '@ego/kit/http/problem'
import { z } from '@hono/zod-openapi'
import type { Account } from '../account/account.ts'
import type { AccessTokens } from './access-token.ts'
import type { RefreshTokens } from './refresh-token.ts'
import type { Session } from './session.ts'

/** The fields that every way to sign in answers with. */
export const tokenFields = {
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int().openapi({ description: 'Seconds until the access token expires.' }),
}

const tokenAnswer = z.object(tokenFields)

export type TokenAnswer = z.output<typeof tokenAnswer>

export type IssueTokens = (
  account: Pick<Account, 'userId' | 'roles'>,
  session: Session,
) => Promise<TokenAnswer>

type Deps = {
  accessTokens: Pick<AccessTokens, 'make' | 'secondsLeft'>
  refreshTokens: Pick<RefreshTokens, 'make'>
}

export function createTokenIssuer({ accessTokens, refreshTokens }: Deps): IssueTokens {
  return async (account, session) => ({
    access_token: await accessTokens.make(account, session),
    refresh_token: refreshTokens.make(session),
    token_type: 'Bearer',
    expires_in: accessTokens.secondsLeft(session),
  })
}

export function signInRefused(code: string, text: string): Problem {
  return new Problem(401, code, text, { headers: { 'www-authenticate': 'Bearer' } })
}
