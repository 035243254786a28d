import { fileURLToPath } from 'node:url'
import { freePort } from '@ego/kit/process/free-port'
import { type Server, startServer } from './process.ts'

export type Platform = Server & { folder: string }

const script = fileURLToPath(new URL('../../../scripts/startup.sh', import.meta.url))

/** One address sends everything here, and should meet no limit. */
const withoutLimits = {
  EGO_RATE_PER_MINUTE: '100000000',
  EGO_SIGN_IN_RATE_PER_MINUTE: '100000000',
  REGISTRATIONS_PER_HOUR: '100000000',
  LOGIN_MISSES_PER_IP: '100000000',
}

/** A path that is answered through the gateway by a service that has read its database. */
const readyPath = '/.well-known/jwks.json'

/** The platform as its users start it, with limits that one address does not reach. */
export async function startPlatform(
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Platform> {
  const port = await freePort()
  const server = await startServer({
    name: 'The platform',
    command: ['bash', script, '--port', String(port), '--data', folder],
    environment: { LOG_LEVEL: 'warn', ...withoutLimits, ...environment },
    port,
    readyPath,
  })
  return { ...server, folder }
}
