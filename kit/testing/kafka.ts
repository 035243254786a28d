import { randomUUID } from 'node:crypto'
import { vi } from 'vitest'
import type { Bus } from '../events/bus.ts'
import type { Event } from '../events/event.ts'

export const eventType = 'user.registered.v1'
export const deadline = { timeout: 45_000, interval: 20 }
export const quiet = { info() {}, warn() {} }

export async function publishUntilTaken(bus: Bus, events: readonly Event[]): Promise<void> {
  await vi.waitFor(() => bus.publish(events), deadline)
}

/** Subscribes a consumer and returns the growing list of events that it has handled. */
export async function collect(
  bus: Bus,
  consumer: string,
  before: () => Promise<void> = async () => {},
): Promise<Event[]> {
  const handled: Event[] = []
  await bus.subscribe({
    consumer,
    types: [eventType],
    handle: async (event) => {
      await before()
      handled.push(event)
    },
  })
  return handled
}

export function unique(events: readonly Event[]): Event[] {
  return [...new Map(events.map((event) => [event.id, event])).values()]
}

/** The order is guaranteed within a key, not between keys. */
export function byKey(events: readonly Event[]): Record<string, string[]> {
  const ids = (group: Event[]) => unique(group).map(({ id }) => id)
  const groups = Object.groupBy(events, ({ key }) => key)
  return Object.fromEntries(Object.entries(groups).map(([key, group]) => [key, ids(group ?? [])]))
}

export function aPrefix(): string {
  return `test-${randomUUID()}`
}

export function anEvent(fields: Partial<Event> = {}): Event {
  return {
    id: randomUUID(),
    type: eventType,
    key: '1',
    occurred_at: '2026-11-21T10:00:00.000Z',
    request_id: null,
    payload: {},
    ...fields,
  }
}
