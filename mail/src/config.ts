import { services } from '@ego/contracts/services'
import { ConfigError, type Environment, readConfig } from '@ego/kit/process/config'
import {
  eventsVariable,
  keyVariable,
  portVariable,
  serviceVariables,
} from '@ego/kit/process/service-variables'
import { z } from 'zod'

const { HOST, LOG_LEVEL, DATABASE_URL, DATABASE_OWNER_URL } = serviceVariables

const addressPattern =
  /^(?:[^<>@\s]+@[^<>@\s]+|(?:"[^"\p{Cc}]*"|[^"<>@,;\p{Cc}]*)\s*<[^<>@\s]+@[^<>@\s]+>)$/u

export const configSchema = z.object({
  HOST,
  LOG_LEVEL,
  DATABASE_URL,
  DATABASE_OWNER_URL,
  ...eventsVariable,
  PORT: portVariable(services.mail.port),
  /** Opens what other services seal for mail; they have its public half. */
  MAIL_PRIVATE_KEY: keyVariable,
  /** `smtp://user:password@host:587` (STARTTLS where offered, `?requireTLS=true` insists) or `smtps://host:465`. */
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  /** Instead of sending, mails are written here as .eml files. */
  MAIL_FOLDER: z.string().optional(),
  MAIL_FROM: z
    .string()
    .regex(addressPattern, 'It is an address, or Name <address>')
    .default('Ego <no-reply@localhost>'),
  /** The right side of every Message-ID. */
  MAIL_DOMAIN: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i, 'It is the name of a host')
    .default('localhost'),
  /** With the waits between them, 40 attempts take about a day. */
  MAIL_ATTEMPTS_MAX: z.coerce.number().int().min(1).max(1_000).default(40),
})

export type Config = z.output<typeof configSchema>

export function loadConfig(environment: Environment = process.env): Config {
  const config = readConfig(configSchema, environment)
  mailTarget(config)
  return config
}

export type MailTarget = { smtpUrl: string } | { folder: string }

/** Where mails go: exactly one of two variables says it. */
export function mailTarget({
  SMTP_URL,
  MAIL_FOLDER,
}: Pick<Config, 'SMTP_URL' | 'MAIL_FOLDER'>): MailTarget {
  if (SMTP_URL && MAIL_FOLDER) {
    throw new ConfigError(['SMTP_URL and MAIL_FOLDER are both set; set one of them.'])
  }
  if (SMTP_URL) return { smtpUrl: SMTP_URL }
  if (MAIL_FOLDER) return { folder: MAIL_FOLDER }
  const text = 'Set SMTP_URL to send mails, or MAIL_FOLDER to write them to files.'
  throw new ConfigError([text])
}
