import { backoffMs, pause } from '../../async/backoff.ts'
import type { Log } from '../../process/log.ts'
import type { Subscription } from '../bus.ts'
import type { Event } from '../event.ts'
import { runMembership } from './member.ts'
import { copyMessage } from './message.ts'
import type { Presence } from './presence.ts'
import type { Publisher } from './publisher.ts'
import type { Found } from './reader.ts'
import type { KafkaTarget } from './target.ts'
import type { ReadyTopics } from './topics.ts'

export type ConsumerContext = {
  target: KafkaTarget
  topics: ReadyTopics
  publisher: Publisher
  presence: Presence
  prefix: string
  log: Pick<Log, 'warn'>
}

const retry = { baseMs: 200, capMs: 10_000 }

/** Keeps a membership in the consumer's group until it is disposed; joins again after a failure. */
export function startKafkaConsumer(
  { target, topics, publisher, presence, prefix, log }: ConsumerContext,
  { consumer, types, handle }: Subscription,
): AsyncDisposable {
  const stopping = new AbortController()
  const { signal } = stopping
  const part = {}
  let failures = 0
  const running = run()

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await topics.ready()
        await runMembership({
          ...{ target, signal, handle, setAside, onFailure, onFetching },
          group: `${prefix}.${consumer}`,
          topic: topics.events,
          types: new Set(types),
        })
      } catch (error) {
        failures += 1
        topics.forget()
        presence.lost(part, error)
        await pause(backoffMs(failures, retry), signal)
      }
    }
  }

  function onFetching(): void {
    failures = 0
    presence.back(part)
  }

  function onFailure(error: unknown, event: Event, tries: number): void {
    const details = { err: error, event_id: event.id, type: event.type, tries }
    log.warn(details, 'An event failed and will be retried.')
  }

  async function setAside(message: Found): Promise<void> {
    await publisher.send([copyMessage(topics.dead, message)])
    const { topic, partition, offset } = message
    log.warn(
      { topic, partition, offset: `${offset}` },
      'A message that is not an event was set aside.',
    )
  }

  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
      presence.back(part)
    },
  }
}
