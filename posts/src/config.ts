import { services } from '@ego/contracts/services'
import { type Environment, readConfig } from '@ego/kit/process/config'
import { jwksVariable, portVariable, serviceVariables } from '@ego/kit/process/service-variables'
import { z } from 'zod'

export const indexVariables = {
  /** Without it, posts are searched in Postgres. */
  ELASTICSEARCH_URL: z.url({ protocol: /^https?$/ }).optional(),
  ELASTICSEARCH_API_KEY: z.string().optional(),
  /** All names of our indices begin with it. */
  ELASTICSEARCH_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,40}$/, 'Use small letters, digits and hyphens')
    .default('ego'),
  ELASTICSEARCH_REPLICAS: z.coerce.number().int().min(0).max(10).default(0),
}

export const configSchema = z.object({
  ...serviceVariables,
  ...jwksVariable,
  ...indexVariables,
  PORT: portVariable(services.posts.port),
})

export type Config = z.output<typeof configSchema>
export type IndexConfig = z.output<z.ZodObject<typeof indexVariables>>

export function loadConfig(environment: Environment = process.env): Config {
  return readConfig(configSchema, environment)
}
