import { fileURLToPath } from 'node:url'
import { sealingPublicKey } from '@ego/kit/http/identity/sealed'
import { freePort } from '@ego/kit/process/free-port'
import { ownerUrl, readRunning } from './databases.ts'
import type { Platform } from './platform.ts'
import { type Server, startServer } from './process.ts'

const main = fileURLToPath(new URL('../../../auth/src/main.ts', import.meta.url))

/** auth as in a cluster: a process that listens, with the database, the keys and so the tokens of the platform. */
export async function startAuth({ url, folder }: Platform): Promise<Server> {
  const { databaseUrl, secret } = await readRunning(folder, 'auth')
  const port = await freePort()
  return startServer({
    name: 'auth',
    command: [process.execPath, main],
    environment: {
      PORT: String(port),
      LOG_LEVEL: 'warn',
      DATABASE_URL: databaseUrl,
      DATABASE_OWNER_URL: await ownerUrl(folder, 'auth'),
      ISSUER: `http://localhost:${new URL(url).port}`,
      KEY_ENCRYPTION_KEY: await secret('KEY_ENCRYPTION_KEY'),
      REFRESH_TOKEN_KEY: await secret('REFRESH_TOKEN_KEY'),
      MAIL_PUBLIC_KEY: sealingPublicKey(await secret('MAIL_PRIVATE_KEY')),
    },
    port,
    readyPath: '/livez',
  })
}
