import { htmlOf, textOf } from './layout.ts'
import { privatePart } from './private-part.ts'
import { isTemplateName, type Template, templates } from './templates.ts'

export type Rendered = { to: string; subject: string; text: string; html: string }

/** What a mail cannot be made of. The message names fields, never what is in them. */
export class RenderError extends Error {
  override name = 'RenderError'
}

export function renderMail(templateName: string, opened: unknown): Rendered {
  if (!isTemplateName(templateName)) throw new RenderError('There is no such template.')
  const template: Template = templates[templateName]
  const parsed = privatePart.safeParse(opened)
  if (!parsed.success) {
    const fields = new Set(parsed.error.issues.map((issue) => String(issue.path[0] ?? 'all of it')))
    throw new RenderError(`The sealed part does not fit: ${[...fields].join(', ')}.`)
  }
  const part = parsed.data
  if (template.needsToken && !part.token && !part.link) {
    throw new RenderError('The sealed part does not fit: token, link.')
  }
  const blocks = template.blocks(part)
  const { subject } = template
  return { to: part.to, subject, text: textOf(blocks), html: htmlOf(subject, blocks) }
}
