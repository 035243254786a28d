import { type Environment, readConfig } from '@ego/kit/config'
import { jwksVariable, portVariable, serviceVariables } from '@ego/kit/service-variables'
import { z } from 'zod'

export const configSchema = z.object({
  ...serviceVariables,
  ...jwksVariable,
  PORT: portVariable(3003),
})

export type Config = z.output<typeof configSchema>

export function loadConfig(environment: Environment = process.env): Config {
  return readConfig(configSchema, environment)
}
