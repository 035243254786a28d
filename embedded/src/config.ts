import { fileURLToPath } from 'node:url'
import { type Environment, readConfig } from '@ego/kit/config'
import { logLevels } from '@ego/kit/log'
import { portVariable } from '@ego/kit/service-variables'
import { z } from 'zod'

export const configSchema = z.object({
  /** Where the gateway listens. */
  EGO_HOST: z.string().default('127.0.0.1'),
  EGO_PORT: portVariable(9080),
  /** Everything that the platform writes is in this folder. */
  EGO_DATA: z.string().default('.data'),
  /** The address that clients know the platform by; `iss` of every token. */
  EGO_ISSUER: z.url().optional(),
  EGO_METRICS_PORT: z.coerce.number().int().min(1).max(65535).optional(),
  EGO_ROUTES: z
    .string()
    .default(fileURLToPath(new URL('../../apisix/apisix.yaml', import.meta.url))),
  LOG_LEVEL: z.enum(logLevels).default('info'),
})

export type Config = z.output<typeof configSchema>

export function loadConfig(environment: Environment = process.env): Config {
  return readConfig(configSchema, environment)
}
