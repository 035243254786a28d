import type { z } from 'zod'
import { type FieldError, Problem } from './problem.ts'

type Issue = z.core.$ZodIssue

/** Turns zod's issues into a 422 Problem with a JSON pointer to each field. */
export function validationProblem(issues: readonly Issue[]): Problem {
  return invalid(firstOfEachField(issues.flatMap(fieldErrors)))
}

/** The same for a field that only the service itself can check. */
export function invalidField(pointer: string, message: string): Problem {
  return invalid([{ pointer, message }])
}

function invalid(errors: readonly FieldError[]): Problem {
  const text = 'Some fields are not as they should be.'
  return new Problem(422, 'validation_failed', text, { errors })
}

// A value of the wrong type also fails every later rule, so only the first issue of a field is useful.
function firstOfEachField(errors: readonly FieldError[]): FieldError[] {
  const seen = new Set<string>()
  return errors.filter(({ pointer }) => {
    const isFirst = !seen.has(pointer)
    seen.add(pointer)
    return isFirst
  })
}

function fieldErrors(issue: Issue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: pointer([...issue.path, key]),
      message: 'This field is not known here; remove it.',
    }))
  }
  return [{ pointer: pointer(issue.path), message: sentence(issue) }]
}

function sentence(issue: Issue): string {
  // zod's issue does not contain the input; only its message shows that the field was missing.
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) {
    return 'This field is required.'
  }
  return issue.message.endsWith('.') ? issue.message : `${issue.message}.`
}

function pointer(path: readonly PropertyKey[]): string {
  return `#${path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`
}
