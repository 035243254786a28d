import type { Given } from './request.ts'

/** A request of the walk; `before` and `test` are lines of Postman's own scripts. */
export type Step = Given & { name: string; operation: string; before?: string[]; test: string[] }

const triesMax = 100
const waitMs = 100

export function answers(status: number): string {
  return `pm.test('answers ${status}', () => pm.response.to.have.status(${status}))`
}

/** For the lines after it. */
export const readAnswer = 'const answer = pm.response.json()'

/** Keeps fields of the answer as variables: by the name of a variable, the one of its field. */
export function keep(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).map(
    ([name, field]) => `pm.collectionVariables.set('${name}', answer.${field})`,
  )
}

/**
 * Sends the request again until the condition holds: what travels by events arrives a moment later. The tests see the last
 * answer only. A script ends when its timers have.
 */
export function eventually(condition: string, tests: string[]): string[] {
  return [
    'const { items = [] } = pm.response.code === 200 ? pm.response.json() : {}',
    `const isThere = ${condition}`,
    "const tries = Number(pm.collectionVariables.get('tries') ?? 0)",
    `const isTriedAgain = !isThere && tries < ${triesMax}`,
    "pm.collectionVariables.set('tries', isTriedAgain ? tries + 1 : 0)",
    'if (isTriedAgain) {',
    '  pm.execution.setNextRequest(pm.info.requestId)',
    `  setTimeout(() => {}, ${waitMs})`,
    '} else {',
    ...tests.map((line) => `  ${line}`),
    '}',
  ]
}

export function aNewName(variable: string): string {
  return `pm.collectionVariables.set('${variable}', 'walk.' + pm.variables.replaceIn('{{$randomUUID}}').slice(0, 18))`
}

/** The value of a variable, in a script. */
export function variable(name: string): string {
  return `pm.collectionVariables.get('${name}')`
}
