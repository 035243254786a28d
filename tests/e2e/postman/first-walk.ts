import type { Operation } from './document.ts'
import { event, type Folder, type Item, idOf } from './item.ts'
import { requestOf } from './request.ts'
import type { Step } from './step.ts'
import { accountSteps, lastSteps } from './steps-account.ts'
import { peopleSteps } from './steps-people.ts'

const description = `What a newcomer does, in order, each request with what the one before has answered. It can be run as
often as you like: the names and the password are new each time.`

const everyAnswer = [
  "pm.test('carries its X-Request-Id', () => pm.response.to.have.header('X-Request-Id'))",
]

/** The steps as requests of the documented operations: one that is documented no longer cannot be walked. */
export function firstWalk(name: string, operations: readonly Operation[]): Folder {
  const byKey = new Map(operations.map((operation) => [operation.key, operation]))
  const steps = [...accountSteps, ...peopleSteps, ...lastSteps]
  return {
    id: idOf(name),
    name,
    description,
    event: event('test', everyAnswer),
    item: steps.map((step) => itemOf(step, byKey.get(step.operation), name)),
  }
}

function itemOf(step: Step, operation: Operation | undefined, folder: string): Item {
  if (!operation) throw new Error(`No document has ${step.operation}, which the walk takes.`)
  return {
    id: idOf(folder, step.name),
    name: step.name,
    event: [...event('prerequest', step.before ?? []), ...event('test', step.test)],
    request: { ...requestOf(operation, step), description: operation.summary },
  }
}
