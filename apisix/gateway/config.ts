import { fileURLToPath } from 'node:url'
import { type Environment, readConfig } from '@ego/kit/process/config'
import { logLevels } from '@ego/kit/process/log'
import { portVariable } from '@ego/kit/process/service-variables'
import { z } from 'zod'

/** The environment of the engine when it runs alone; apisix.yaml fills in variables of its own. */
export const configSchema = z.object({
  EGO_HOST: z.string().default('127.0.0.1'),
  EGO_PORT: portVariable(9080),
  /** Where Prometheus reads the metrics; nothing listens there unless it is set. */
  EGO_METRICS_PORT: z.coerce.number().int().min(0).max(65535).optional(),
  EGO_ROUTES: z.string().default(fileURLToPath(new URL('../apisix.yaml', import.meta.url))),
  LOG_LEVEL: z.enum(logLevels).default('info'),
})

export type Config = z.output<typeof configSchema>

export function loadConfig(environment: Environment = process.env): Config {
  return readConfig(configSchema, environment)
}
