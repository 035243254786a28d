import type { Block } from './layout.ts'
import type { PrivatePart } from './private-part.ts'

export type Template = {
  /** Nothing is put into it: a subject is a header, and is seen on locked screens. */
  subject: string
  /** Whether there is nothing to say without a link or a code. */
  needsToken?: boolean
  blocks(part: PrivatePart): Block[]
}

export const templates = {
  welcome_verify: {
    subject: 'Welcome to Ego: please confirm your e-mail address',
    needsToken: true,
    blocks: (part) => [
      { paragraph: `Hello ${part.username},` },
      { paragraph: 'welcome to Ego! Please confirm that this e-mail address is yours.' },
      ...waysIn(part, 'Confirm this address'),
      { paragraph: 'If you have not registered, somebody mistyped an address: ignore this mail.' },
    ],
  },
  verify_email: {
    subject: 'Please confirm your e-mail address',
    needsToken: true,
    blocks: (part) => [
      { paragraph: `Hello ${part.username},` },
      { paragraph: 'please confirm that this e-mail address is yours.' },
      ...waysIn(part, 'Confirm this address'),
      { paragraph: 'If you have not asked for this mail, you can ignore it.' },
    ],
  },
  password_reset: {
    subject: 'Choose a new password',
    needsToken: true,
    blocks: (part) => [
      { paragraph: `Hello ${part.username},` },
      { paragraph: 'you can choose a new password for your Ego account now.' },
      ...waysIn(part, 'Choose a new password'),
      {
        paragraph:
          'If you have not asked for it, ignore this mail: your password stays as it is. Never pass the link or the code on to anybody.',
      },
      ...circumstances(part),
    ],
  },
  email_change_confirm: {
    subject: 'Please confirm your new e-mail address',
    needsToken: true,
    blocks: (part) => [
      { paragraph: `Hello ${part.username},` },
      { paragraph: 'please confirm that your Ego account should use this e-mail address.' },
      ...waysIn(part, 'Use this address'),
      { paragraph: 'Until then nothing changes. If this is not your account, ignore this mail.' },
    ],
  },
  email_changed: {
    subject: 'Your e-mail address was changed',
    blocks: (part) => [
      { paragraph: `Hello ${part.username},` },
      { paragraph: 'the e-mail address of your Ego account was changed.' },
      ...circumstances(part),
      { paragraph: 'If this was not you, somebody else may be using your account: get in touch.' },
    ],
  },
  password_changed: {
    subject: 'Your password was changed',
    blocks: (part) => [
      { paragraph: `Hello ${part.username},` },
      { paragraph: 'the password of your Ego account was changed, and other sessions were ended.' },
      ...circumstances(part),
      { paragraph: 'If this was not you, ask for a new password right away.' },
    ],
  },
  new_device: {
    subject: 'A new sign-in to your account',
    blocks: (part) => [
      { paragraph: `Hello ${part.username},` },
      {
        paragraph: 'somebody signed in to your Ego account from a device we have not seen before.',
      },
      ...circumstances(part),
      {
        paragraph:
          'If this was you, all is well. If not, end that session and change your password.',
      },
    ],
  },
} satisfies Record<string, Template>

export type TemplateName = keyof typeof templates

export function isTemplateName(name: string): name is TemplateName {
  return Object.hasOwn(templates, name)
}

function waysIn({ link, token }: PrivatePart, label: string): Block[] {
  const ways: Block[] = []
  if (link) ways.push({ link, label })
  if (token) ways.push({ code: token, label: link ? 'Or enter this code' : 'Enter this code' })
  return [...ways, { paragraph: 'It works once, and only for a limited time.' }]
}

/** What lets people judge whether it was them; a part that is not known is left out. */
function circumstances({ new_email, device, ip, at }: PrivatePart): Block[] {
  const all = [
    ['New address', new_email],
    ['Device', device],
    ['IP address', ip],
    ['Time', at && `${timeFormat.format(new Date(at))} UTC`],
  ] as const
  const facts = all.flatMap(([name, value]) => (value ? [[name, value] as const] : []))
  return facts.length > 0 ? [{ facts }] : []
}

const timeFormat = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'long',
  timeStyle: 'short',
  timeZone: 'UTC',
})
