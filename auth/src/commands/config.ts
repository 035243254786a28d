import { commandVariables } from '@ego/kit/command'
import { type Environment, readConfig } from '@ego/kit/config'
import { z } from 'zod'
import { configSchema as serviceSchema } from '../config.ts'

const { KEY_ENCRYPTION_KEY, ARGON2_MEMORY_KIB, ARGON2_PASSES } = serviceSchema.shape

export const configSchema = z.object({
  ...commandVariables,
  KEY_ENCRYPTION_KEY: KEY_ENCRYPTION_KEY.optional(),
  ARGON2_MEMORY_KIB,
  ARGON2_PASSES,
})

export type Config = z.output<typeof configSchema>

export function loadConfig(environment: Environment): Config {
  return readConfig(configSchema, environment)
}
