import { createHash, randomBytes } from 'node:crypto'
import { Problem } from '@ego/kit/http/problem'
import type { Owner } from '../account/account.ts'
import type { Origin } from '../audit/audit.ts'

/** The page that the link in a mail opens. */
const pages = {
  welcome_verify: 'verify-email',
  verify_email: 'verify-email',
  email_change_confirm: 'verify-email',
  password_reset: 'reset-password',
} as const

type TokenTemplate = keyof typeof pages

export type Template = TokenTemplate | 'email_changed' | 'password_changed' | 'new_device'

/** What a mail says, and to whom. */
export type Mail = {
  to: string
  username: string
  token?: string
  link?: string
  device?: string
  ip?: string
  new_email?: string
  at?: string
}

/** A mail that only the mail worker can open. */
export type SealedMail = { template: Template; sealed: string }

/** The token in the mail proves control of the mailbox. Only its hash is stored. */
export type TokenMail = { mail: SealedMail; tokenHash: Buffer }

export type Mails = {
  seal(template: Template, mail: Mail): Promise<SealedMail>
  /** A mail with a new token and the link that carries it. */
  sealToken(template: TokenTemplate, owner: Owner): Promise<TokenMail>
}

/** Seals the mail that tells the old address of an account about the new one. */
export type EmailChangeNotice = (old: Owner, newEmail: string) => Promise<SealedMail>

export type Purpose = 'email_verification' | 'email_change' | 'password_reset'

const tokenBytes = 20

type Deps = { seal: (value: unknown) => Promise<string>; linkBase: string }

export function createMails({ seal, linkBase }: Deps): Mails {
  const sealMail: Mails['seal'] = async (template, mail) => ({
    template,
    sealed: await seal(mail),
  })
  return {
    seal: sealMail,
    async sealToken(template, { userEmail, username }) {
      const token = randomBytes(tokenBytes).toString('base64url')
      // Behind a #, so that no server on the way logs the token.
      const link = `${linkBase}/${pages[template]}#token=${token}`
      const mail = await sealMail(template, { to: userEmail, username, token, link })
      return { mail, tokenHash: hashMailToken(token) }
    },
  }
}

/** Tells the owner that something was done, from where and when. */
export function noticeTo({ userEmail, username }: Owner, { ip, device }: Origin, at: Date): Mail {
  return { to: userEmail, username, ip, device, at: at.toISOString() }
}

export function emailChangeNotice(mails: Pick<Mails, 'seal'>, at: Date): EmailChangeNotice {
  return ({ userEmail, username }, newEmail) =>
    mails.seal('email_changed', {
      to: userEmail,
      username,
      new_email: newEmail,
      at: at.toISOString(),
    })
}

export function hashMailToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

export function mailTokenInvalid(): Problem {
  const text = 'This token was used, has expired or was never sent. Ask for a new mail.'
  return new Problem(400, 'mailed_token_invalid', text)
}
