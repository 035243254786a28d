import { commandVariables } from '@ego/kit/commands/command'
import { type Environment, readConfig } from '@ego/kit/process/config'
import { z } from 'zod'
import { configSchema as serviceSchema } from '../config.ts'

const {
  KEY_ENCRYPTION_KEY,
  ARGON2_MEMORY_KIB,
  ARGON2_PASSES,
  MAIL_PUBLIC_KEY,
  LINK_BASE_URL,
  ISSUER,
} = serviceSchema.shape

const configSchema = z.object({
  ...commandVariables,
  KEY_ENCRYPTION_KEY: KEY_ENCRYPTION_KEY.optional(),
  ARGON2_MEMORY_KIB,
  ARGON2_PASSES,
})

const eventsSchema = z.object({
  ...commandVariables,
  KEY_ENCRYPTION_KEY: KEY_ENCRYPTION_KEY.optional(),
  MAIL_PUBLIC_KEY: MAIL_PUBLIC_KEY.optional(),
  LINK_BASE_URL,
  ISSUER: ISSUER.optional(),
  /** Of the embedded platform, as its start reads them. */
  EGO_ISSUER: ISSUER.optional(),
  EGO_PORT: z.string().default('9080'),
})

export type Config = z.output<typeof configSchema>

export function loadConfig(environment: Environment): Config {
  return readConfig(configSchema, environment)
}

export type EventsConfig = z.output<typeof eventsSchema>

export function loadEventsConfig(environment: Environment): EventsConfig {
  return readConfig(eventsSchema, environment)
}
