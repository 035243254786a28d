import { fileURLToPath } from 'node:url'
import { hostVariable, routedServices } from '@ego/contracts/services'
import { type Environment, readConfig } from '@ego/kit/process/config'
import { logLevels } from '@ego/kit/process/log'
import { z } from 'zod'

const portText = 'must be a number from 1 to 65535'
const port = z.coerce.number(portText).int(portText).min(1, portText).max(65535, portText)

/** Unset: requests would be sent past the services in this process, and all that need auth would be refused. */
const elsewhere = z
  .undefined({ error: 'is for a gateway that runs without the services; unset it here' })
  .optional()

const hosts = Object.fromEntries(
  routedServices.map((name) => [hostVariable(name), elsewhere]),
) as Record<ReturnType<typeof hostVariable>, typeof elsewhere>

export const configSchema = z.object({
  /** Where the gateway listens. */
  EGO_HOST: z.string().default('127.0.0.1'),
  EGO_PORT: port.default(9080),
  /** Everything that the platform writes is in this folder. */
  EGO_DATA: z.string().default('.data'),
  /** The address that clients know the platform by; `iss` of every token. */
  EGO_ISSUER: z.url().optional(),
  EGO_METRICS_PORT: port.optional(),
  EGO_ROUTES: z
    .string()
    .default(fileURLToPath(new URL('../../apisix/apisix.yaml', import.meta.url))),
  EGO_AUTH_URL: elsewhere,
  ...hosts,
  LOG_LEVEL: z.enum(logLevels).default('info'),
})

export type Config = z.output<typeof configSchema>

export function loadConfig(environment: Environment = process.env): Config {
  return readConfig(configSchema, environment)
}
