import { passwordForgotten } from '@ego/contracts/events/mail'
import { on } from '@ego/kit/events/inbox'
import { z } from 'zod'
import type { Letters } from '../mail-token/mail.ts'
import { requestMail } from '../mail-token/outbox-postgres.ts'
import { insertMailedToken } from '../mail-token/store-postgres.ts'

type Deps = {
  open: (sealed: string) => Promise<unknown>
  letters: Letters
  now: () => number
}

const opened = z.object({ user_email: z.string() })

/** Mails a reset token to whoever has the address; for anybody else nothing happens. */
export function passwordEvents({ open, letters, now }: Deps) {
  return [
    on(passwordForgotten, ['sealed'], async (tx, { payload, request_id }) => {
      const { user_email } = opened.parse(await open(payload.sealed))
      const [account] = await tx<{ user_id: number; username: string; user_email: string }[]>`
        select user_id, username, user_email
        from account
        where lower(user_email) = lower(${user_email}) and status = 'active'
        for no key update`
      if (!account) return
      const { user_id: userId, username, user_email: userEmail } = account
      const owner = { userEmail, username }
      const { letter, tokenHash } = await letters.sealToken('password_reset', owner)
      const at = new Date(now())
      await insertMailedToken(tx, { tokenHash, userId, purpose: 'password_reset', userEmail, at })
      await requestMail(tx, userId, letter, request_id)
    }),
  ]
}
