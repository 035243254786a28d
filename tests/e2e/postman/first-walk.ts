import { type Item, keyOf } from './convert.ts'
import { type Step, steps } from './steps.ts'

export const walkName = 'First walk'

const description = `What a newcomer does, in order, each request with what the one before has answered. It can be run as
often as you like: the names and the password are new each time.`

/** Turns the steps into requests of documented operations. Throws when an operation is not documented. */
export function firstWalk(operations: readonly Item[]) {
  const byKey = new Map(operations.map((operation) => [keyOf(operation), operation.request]))
  return {
    name: walkName,
    description,
    event: [
      event(
        'test',
        `pm.test('carries its X-Request-Id', () => pm.response.to.have.header('X-Request-Id'))`,
      ),
    ],
    item: steps.map((step) => itemOf(step, byKey.get(step.operation))),
  }
}

function itemOf(step: Step, request: Item['request'] | undefined) {
  if (!request) throw new Error(`No document has ${step.operation}, which is a step of the walk.`)
  const { body, url } = request
  return {
    name: step.name,
    event: [
      ...(step.before ? [event('prerequest', step.before)] : []),
      event('test', `${answers(step.status)}\n${step.test ?? ''}`),
    ],
    request: {
      ...request,
      description: request.name,
      ...(step.body && { body: { ...body, raw: JSON.stringify(step.body, null, 2) } }),
      ...(step.query && { url: { ...url, query: step.query } }),
    },
  }
}

function answers(status: number): string {
  return `pm.test('answers ${status}', () => pm.response.to.have.status(${status}))`
}

/** A script in Postman's format, without empty lines. */
export function event(listen: 'prerequest' | 'test', script: string) {
  const lines = script.split('\n').filter((line) => line !== '')
  return { listen, script: { type: 'text/javascript', exec: lines } }
}
