import { existsSync } from 'node:fs'
import { type Environment, readConfig } from '@ego/kit/config'
import { z } from 'zod'
import { configSchema as serviceSchema } from '../config.ts'

const { DATABASE_URL, KEY_ENCRYPTION_KEY, ARGON2_MEMORY_KIB, ARGON2_PASSES } = serviceSchema.shape

export const configSchema = z.object({
  /** Without it, the embedded platform of the data folder is asked. */
  DATABASE_URL: DATABASE_URL.optional(),
  KEY_ENCRYPTION_KEY: KEY_ENCRYPTION_KEY.optional(),
  ARGON2_MEMORY_KIB,
  ARGON2_PASSES,
  EGO_DATA: z.string().default('.data'),
  /** npm moves to the root of the repository, and tells here where its caller is. */
  INIT_CWD: z.string().default('.'),
})

export type Config = z.output<typeof configSchema>

export function loadConfig(environment: Environment = process.env): Config {
  // The file that scripts/startup.sh reads; what the environment has already is not changed by it.
  if (environment === process.env && existsSync('.env')) process.loadEnvFile('.env')
  return readConfig(configSchema, environment)
}
