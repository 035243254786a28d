import { type Block, htmlOf, textOf } from './layout.ts'
import { type PrivatePart, privatePart } from './private-part.ts'
import { type Template, templates } from './templates.ts'

export type Rendered = { to: string; subject: string; text: string; html: string }

/** What a mail cannot be made of. The message names fields, never what is in them. */
export class RenderError extends Error {
  override name = 'RenderError'
}

export function renderMail(templateName: string, opened: unknown): Rendered {
  const template = Object.hasOwn(templates, templateName) ? templates[templateName] : null
  if (!template) throw new RenderError('There is no such template.')
  const parsed = privatePart.safeParse(opened)
  if (!parsed.success) {
    const fields = new Set(parsed.error.issues.map((issue) => String(issue.path[0] ?? 'all of it')))
    throw new RenderError(`The sealed part does not fit: ${[...fields].join(', ')}.`)
  }
  const part = parsed.data
  if (template.action && !part.token && !part.link) {
    throw new RenderError('The sealed part does not fit: token, link.')
  }
  const { subject } = template
  const blocks = blocksOf(template, part)
  return { to: part.to, subject, text: textOf(blocks), html: htmlOf(subject, blocks) }
}

function blocksOf(
  { opening, action, tellsCircumstances, ending }: Template,
  part: PrivatePart,
): Block[] {
  return [
    { paragraph: `Hello ${part.username},` },
    { paragraph: opening },
    ...(action ? waysIn(part, action) : []),
    ...(tellsCircumstances ? circumstances(part) : []),
    { paragraph: ending },
  ]
}

function waysIn({ link, token }: PrivatePart, label: string): Block[] {
  const ways: Block[] = []
  if (link) ways.push({ link, label })
  if (token) ways.push({ code: token, label: link ? 'Or enter this code' : 'Enter this code' })
  return [...ways, { paragraph: 'It works once, and only for a limited time.' }]
}

/** A part that is not known is left out. */
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
