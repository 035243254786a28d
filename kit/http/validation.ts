import type { z } from 'zod'
import { type FieldError, Problem } from './problem.ts'

type Issue = z.core.$ZodIssue

/** Turns what zod found into the 422 of the contract, with a JSON pointer to each field. */
export function validationProblem(issues: readonly Issue[]): Problem {
  return invalid(firstOfEachField(issues.flatMap(fieldErrors)))
}

/** The same for what only the service itself can find wrong with a field. */
export function invalidField(pointer: string, message: string): Problem {
  return invalid([{ pointer, message }])
}

function invalid(errors: readonly FieldError[]): Problem {
  const text = 'Some fields are not as they should be.'
  return new Problem(422, 'validation_failed', text, { errors })
}

// A value of the wrong kind fails every rule that follows too; the first says what is wrong.
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
  // zod gives no input back by default; its own words are the one sign that the field was not there at all.
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) {
    return 'This field is required.'
  }
  return issue.message.endsWith('.') ? issue.message : `${issue.message}.`
}

function pointer(path: readonly PropertyKey[]): string {
  return `#${path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`
}
