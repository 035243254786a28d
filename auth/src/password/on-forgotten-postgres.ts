import { passwordForgotten } from '@ego/contracts/events/mail'
import { on } from '@ego/kit/events/inbox'
import { z } from 'zod'
import type { Mails } from '../mail-token/mail.ts'
import { insertMailToken, requestMail } from '../mail-token/store-postgres.ts'

type Deps = {
  open: (sealed: string) => Promise<unknown>
  mails: Pick<Mails, 'sealToken'>
  now: () => number
}

const opened = z.object({ user_email: z.string() })

/** Mails a reset token to the owner of the address; does nothing when no account has it. */
export function onForgotten({ open, mails, now }: Deps) {
  return on(passwordForgotten, ['sealed'], async (tx, { payload, request_id }) => {
    const { user_email } = opened.parse(await open(payload.sealed))
    const [account] = await tx<{ user_id: number; username: string; user_email: string }[]>`
      select user_id, username, user_email
      from account
      where lower(user_email) = lower(${user_email}) and status = 'active'
      for no key update`
    if (!account) return
    const { user_id: userId, username, user_email: userEmail } = account
    const { mail, tokenHash } = await mails.sealToken('password_reset', { userEmail, username })
    const at = new Date(now())
    await insertMailToken(tx, { tokenHash, userId, purpose: 'password_reset', userEmail, at })
    await requestMail(tx, userId, mail, request_id)
  })
}
