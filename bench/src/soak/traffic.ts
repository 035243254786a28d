import { setTimeout as sleep } from 'node:timers/promises'
import { registerMembers } from '../data/members.ts'
import { randomFrom } from '../data/texts.ts'
import { openConnection } from '../load/connection.ts'
import { serveJob } from '../platform/job.ts'
import { actions } from './actions.ts'
import { type TrafficResult, trafficJobSchema } from './traffic-job.ts'
import type { Action, Walker } from './walker.ts'

/** People read what they get; without a pause one slow machine would only ever be busy. */
const pauseMs = 25
const refusedMax = 10
const weights = actions.reduce((sum, { weight }) => sum + weight, 0)

await serveJob(trafficJobSchema, async ({ url, walkers, seconds }) => {
  const members = await registerMembers(url, walkers)
  const people = members.map(({ userId }) => userId)
  const result: TrafficResult = { requests: 0, statuses: {}, refused: [] }
  const endsAtMs = Date.now() + seconds * 1000
  await Promise.all(
    members.map(async (member, index) => {
      using connection = await openConnection(url)
      const random = randomFrom(index + 1)
      const walker: Walker = { url, connection, random, member, people, postId: null }
      while (Date.now() < endsAtMs) {
        await step(walker, result)
        await sleep(random() * 2 * pauseMs)
      }
    }),
  )
  return result
})

async function step(walker: Walker, result: TrafficResult): Promise<void> {
  const action = choose(walker.random() * weights)
  const { status, body } = await action.run(walker)
  result.requests += 1
  result.statuses[status] = (result.statuses[status] ?? 0) + 1
  const isRefused = status < 200 || status > 299
  if (isRefused && result.refused.length < refusedMax) {
    result.refused.push(`${action.name} answered ${status}: ${body}`)
  }
}

function choose(at: number): Action {
  let rest = at
  const chosen = actions.find(({ weight }) => {
    rest -= weight
    return rest < 0
  })
  return chosen ?? actions[0] ?? fail()
}

function fail(): never {
  throw new Error('There is nothing to do.')
}
