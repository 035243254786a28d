import { services } from '@ego/contracts/services'
import { type Environment, readConfig } from '@ego/kit/process/config'
import {
  keyVariable,
  portVariable,
  redisVariable,
  serviceVariables,
} from '@ego/kit/process/service-variables'
import { z } from 'zod'

export const configSchema = z.object({
  ...serviceVariables,
  ...redisVariable,
  PORT: portVariable(services.auth.port),
  /** `aud` of access tokens. */
  AUDIENCE: z.string().min(1).default('ego'),
  /** Encrypts the private halves of the signing keys in the database. */
  KEY_ENCRYPTION_KEY: keyVariable,
  /** How long a key signs; the one after it is published for as long before it signs. */
  KEY_ROTATION_HOURS: z.coerce.number().positive().default(720),
  /** Authenticates refresh tokens. */
  REFRESH_TOKEN_KEY: keyVariable,
  ARGON2_MEMORY_KIB: z.coerce.number().int().min(8192).default(19456),
  ARGON2_PASSES: z.coerce.number().int().min(1).default(2),
  /** Misses for one account from one network before each further attempt has to wait. */
  LOGIN_MISSES_MAX: z.coerce.number().int().min(1).default(5),
  LOGIN_WAIT_SECONDS_MAX: z.coerce.number().int().min(1).default(900),
  /** Misses from one network in 15 minutes, for all accounts together. */
  LOGIN_MISSES_PER_IP: z.coerce.number().int().min(1).default(100),
  REGISTRATIONS_PER_HOUR: z.coerce.number().int().min(1).default(60),
  /** For one account; for a forgotten password, for one address and from one network. */
  MAILS_PER_HOUR: z.coerce.number().int().min(1).default(5),
  MAILS_PER_HOUR_AND_IP: z.coerce.number().int().min(1).default(30),
  /** Mails are sealed for the mail worker, which has the private half. */
  MAIL_PUBLIC_KEY: keyVariable,
  /** Where the links of mails lead: pages that post the token. Default: those of auth. */
  LINK_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** The first staff account; made at start while its name is free. */
  ADMIN_USERNAME: z.string().optional(),
  ADMIN_EMAIL: z.email().optional(),
  ADMIN_PASSWORD: z.string().min(12).optional(),
})

export type Config = z.output<typeof configSchema>

export function loadConfig(environment: Environment = process.env): Config {
  return readConfig(configSchema, environment)
}
