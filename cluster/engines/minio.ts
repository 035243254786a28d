import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../kit/process/free-port.ts'
import type { Engine } from './engine.ts'
import { goInstall, goProgram } from './go-install.ts'
import { answersOk, startServer } from './server.ts'

const program = 'github.com/minio/minio'
const version = 'v0.0.0-20260212201848-7aac2a2c5b7c'
const user = 'ego-test'
const bucket = 'ego-test'

export const minio: Engine = {
  name: 'minio',
  adapter: 's3',
  isBuilt: () => existsSync(goProgram(program, version)),
  async start(signal) {
    const command = await goInstall(program, version, signal)
    const password = randomBytes(16).toString('hex')
    const address = `127.0.0.1:${await freePort()}`
    const server = await startServer(
      'minio',
      async (folder) => {
        // MinIO uses a folder as a bucket.
        await mkdir(join(folder, 'data', bucket), { recursive: true })
        return {
          command,
          args: ['server', join(folder, 'data'), '--address', address, '--quiet'],
          env: {
            MINIO_ROOT_USER: user,
            MINIO_ROOT_PASSWORD: password,
            MINIO_BROWSER: 'off',
            MINIO_UPDATE: 'off',
          },
        }
      },
      () => answersOk(`http://${address}/minio/health/ready`),
    )
    const url = `http://${user}:${password}@${address}/${bucket}`
    return { url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
  },
}
