import { type Environment, readConfig } from '@ego/kit/config'
import { portVariable, serviceVariables } from '@ego/kit/service-variables'
import { z } from 'zod'

const key = z.string().regex(/^[\w-]{43}$/, 'must be 32 random bytes in base64url (43 characters)')

export const configSchema = z.object({
  ...serviceVariables,
  PORT: portVariable(3001),
  /** `aud` of access tokens. */
  AUDIENCE: z.string().min(1).default('ego'),
  /** Encrypts the private halves of the signing keys in the database. */
  KEY_ENCRYPTION_KEY: key,
  /** Authenticates refresh tokens. */
  REFRESH_TOKEN_KEY: key,
  ARGON2_MEMORY_KIB: z.coerce.number().int().min(8192).default(19456),
  ARGON2_PASSES: z.coerce.number().int().min(1).default(2),
  /** The first staff account; made at start while its name is free. */
  ADMIN_USERNAME: z.string().optional(),
  ADMIN_EMAIL: z.email().optional(),
  ADMIN_PASSWORD: z.string().min(12).optional(),
})

export type Config = z.output<typeof configSchema>

export function loadConfig(environment: Environment = process.env): Config {
  return readConfig(configSchema, environment)
}
