import { z } from '@hono/zod-openapi'
import type { Account } from '../account/account.ts'
import type { AccessTokens } from './access-token.ts'
import type { RefreshTokens } from './refresh-token.ts'
import type { Session } from './session.ts'

export const tokenFields = {
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int().openapi({ description: 'Seconds until the access token expires.' }),
}

type Deps = { accessTokens: AccessTokens; refreshTokens: RefreshTokens }

/** The token fields that every way to sign in answers with. */
export function issueTokens({ accessTokens, refreshTokens }: Deps) {
  return async (account: Pick<Account, 'userId' | 'roles'>, session: Session) => ({
    access_token: await accessTokens.make(account, session),
    refresh_token: refreshTokens.make(session),
    token_type: 'Bearer' as const,
    expires_in: accessTokens.secondsLeft(session),
  })
}
