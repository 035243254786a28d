import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ServiceName, services } from '../../contracts/services.ts'
import type { OnEnd, Part } from './part.ts'
import { processPart } from './process-part.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

type Options = {
  host: string
  folder: string
  env: Record<string, string>
  onEnd: OnEnd
}

export function servicePart(name: ServiceName, { host, folder, env, onEnd }: Options): Part {
  const address = `http://${host}:${services[name].port}`
  return nodePart(name, `${name}/src/main.ts`, {
    address,
    folder,
    env: { HOST: host, ...env },
    isReady: async () => (await statusOf(`${address}/readyz`)) === 'ok',
    onEnd,
  })
}

export function gatewayPart({ url, ...options }: Omit<Options, 'host'> & { url: string }): Part {
  return nodePart('gateway', 'apisix/gateway/main.ts', {
    ...options,
    address: url,
    isReady: async () => (await statusOf(`${url}/healthz`)) === 'ok',
  })
}

type NodeOptions = Omit<Options, 'host'> & { address: string; isReady(): Promise<boolean> }

function nodePart(name: string, file: string, { folder, env, ...rest }: NodeOptions): Part {
  return processPart({
    ...rest,
    name,
    command: process.execPath,
    args: [join(root, file)],
    env: { ...basicEnvironment(), ...env },
    cwd: root,
    logPath: join(folder, `${name}.log`),
  })
}

/** Uses the compile cache of scripts/startup.sh. */
function basicEnvironment(): Record<string, string> {
  const cache = join(root, 'node_modules/.cache/compile')
  return {
    PATH: process.env.PATH ?? '',
    ...(existsSync(join(root, 'node_modules')) && { NODE_COMPILE_CACHE: cache }),
  }
}

/** The status in the response of a health endpoint; '' while there is none. */
async function statusOf(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null)
  const body: unknown = await response?.json().catch(() => null)
  return String(Object(body).status ?? '')
}
