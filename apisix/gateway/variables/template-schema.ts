import { z } from 'zod'
import { findUnknownVariable } from './variable.ts'

/** A text with `$variables`; one that does not exist is refused at load, not left empty later. */
export const template = z.string().superRefine((text, context) => {
  const unknown = findUnknownVariable(text)
  if (unknown !== null) context.addIssue(`has an unknown variable $${unknown}`)
})
