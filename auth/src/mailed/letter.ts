export type Template =
  | 'welcome_verify'
  | 'verify_email'
  | 'password_reset'
  | 'email_change_confirm'
  | 'email_changed'
  | 'password_changed'
  | 'new_device'

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

export type Letters = {
  seal(template: Template, letter: Letter): Promise<SealedLetter>
  /** Where somebody follows the link of a mail to. */
  linkTo(page: 'verify-email' | 'reset-password', token: string): string
}

type Deps = { seal: (value: unknown) => Promise<string>; linkBase: string }

export function letters({ seal, linkBase }: Deps): Letters {
  return {
    seal: async (template, letter) => ({ template, sealed: await seal(letter) }),
    // Behind a #, so that the token is in no log of a server on the way.
    linkTo: (page, token) => `${linkBase}/${page}#token=${token}`,
  }
}
