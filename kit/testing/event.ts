import { defineEvent, type EventDefinition } from '@ego/contracts/events/definition'
import { serviceNames } from '@ego/contracts/services'
import type { z } from 'zod'

/** Defines an event for a test, which every service may handle. */
export function aDefinition<Shape extends z.ZodRawShape>(
  type: string,
  payload: Shape,
): EventDefinition<Shape> {
  return defineEvent({
    type,
    producer: 'users',
    consumers: serviceNames,
    description: 'Made by a test.',
    payload,
  })
}
