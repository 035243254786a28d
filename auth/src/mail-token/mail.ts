import type { Owner } from '../account/account.ts'
import type { Origin } from '../session/session.ts'
import { newMailedToken } from './mail-token.ts'

/** Where somebody follows the link of a mail to. */
const pages = {
  welcome_verify: 'verify-email',
  verify_email: 'verify-email',
  email_change_confirm: 'verify-email',
  password_reset: 'reset-password',
} as const

type TokenTemplate = keyof typeof pages

export type Template = TokenTemplate | 'email_changed' | 'password_changed' | 'new_device'

/** What a mail tells, and to whom. */
export type Letter = {
  to: string
  username: string
  token?: string
  link?: string
  device?: string
  ip?: string
  new_email?: string
  at?: string
}

/** A letter that only the mail worker can open. */
export type SealedLetter = { template: Template; sealed: string }

/** The hash is what may be stored: the token itself is in the letter only. */
export type TokenLetter = { letter: SealedLetter; tokenHash: Buffer }

export type Letters = {
  seal(template: Template, letter: Letter): Promise<SealedLetter>
  /** A letter with a new token and the link that carries it. */
  sealToken(template: TokenTemplate, owner: Owner): Promise<TokenLetter>
}

type Deps = { seal: (value: unknown) => Promise<string>; linkBase: string }

export function letters({ seal, linkBase }: Deps): Letters {
  const sealLetter: Letters['seal'] = async (template, letter) => ({
    template,
    sealed: await seal(letter),
  })
  return {
    seal: sealLetter,
    async sealToken(template, { userEmail, username }) {
      const { token, tokenHash } = newMailedToken()
      // Behind a #, so that the token is in no log of a server on the way.
      const link = `${linkBase}/${pages[template]}#token=${token}`
      const letter = await sealLetter(template, { to: userEmail, username, token, link })
      return { letter, tokenHash }
    },
  }
}

/** Tells the owner that something was done, from where and when. */
export function noticeTo({ userEmail, username }: Owner, { ip, device }: Origin, at: Date): Letter {
  return { to: userEmail, username, ip, device, at: at.toISOString() }
}
