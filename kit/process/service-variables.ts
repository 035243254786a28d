import { nodeOf } from '@ego/contracts/services'
import { z } from 'zod'
import { isKeyText } from './key-text.ts'
import { logLevels } from './log.ts'
import { withFirstHost } from './url-text.ts'

const brokerUrl = z.url({ protocol: /^(amqps?|kafka)$/ })

export const eventsVariable = {
  /** The broker: `amqp://` or `kafka://` (with one or several hosts). Without it, events wait in the outbox. */
  EVENTS_URL: z
    .string()
    .refine((url) => brokerUrl.safeParse(withFirstHost(url)).success, 'Invalid URL')
    .optional(),
}

/** The variables that every service reads; each adds its own `PORT`. */
export const serviceVariables = {
  HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(logLevels).default('info'),
  /** Connects as the role that can only read and write rows. */
  DATABASE_URL: z.url(),
  /** Connects as the role that owns the tables; used for migrations at start. */
  DATABASE_OWNER_URL: z.url(),
  ...eventsVariable,
  /** The public address of the platform, and the `iss` of every token. */
  ISSUER: z.url(),
}

export const redisVariable = {
  /** `rediss://user:password@host:6379/0`. Without it, each process keeps its own counters and caches. */
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
}

/** Where every service but auth finds the keys to verify the gateway's identity headers. */
export const jwksVariable = {
  AUTH_JWKS_URL: z.url().default(`http://${nodeOf('auth')}/auth/.well-known/jwks.json`),
}

/** A secret key, or the public half of a pair. */
export const keyVariable = z
  .string()
  .refine(isKeyText, 'must be 32 random bytes in base64url (43 characters)')

export const portVariable = (port: number) =>
  z.coerce.number().int().min(0).max(65535).default(port)
