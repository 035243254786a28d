import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../kit/process/free-port.ts'
import type { Engine } from './engine.ts'
import { jarsFolder, mavenJars } from './maven-jars.ts'
import { answersOk, startServer } from './server.ts'

const name = 'greenmail'
const version = '2.1.8'
const main = 'com.icegreen.greenmail.standalone.GreenMailStandaloneRunner'

/** A mail server that keeps its mails. The parameter `api` of its URL is the port of the HTTP API that returns them. */
export const greenmail: Engine = {
  name,
  adapter: 'smtp',
  isBuilt: () => existsSync(jarsFolder({ name, version })),
  async start(signal) {
    const artifacts = [`com.icegreen:greenmail-standalone:${version}`]
    const home = await mavenJars({ name, version, artifacts, megabytes: 11 }, signal)
    const [port, api] = [await freePort(), await freePort()]
    const server = await startServer(
      name,
      async () => ({
        command: 'java',
        args: [...java(home), ...settings(port, api), main],
        env: {},
      }),
      () => answersOk(`http://127.0.0.1:${api}/api/service/readiness`),
    )
    const url = `smtp://127.0.0.1:${port}?api=${api}`
    return { url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
  },
}

function java(home: string): string[] {
  return ['-Xmx96m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', join(home, 'lib', '*')]
}

function settings(port: number, api: number): string[] {
  return [
    ...[`-Dgreenmail.smtp.port=${port}`],
    ...[`-Dgreenmail.api.port=${api}`],
    ...['smtp', 'api'].map((protocol) => `-Dgreenmail.${protocol}.hostname=127.0.0.1`),
    // Without this, only known users have a mailbox.
    '-Dgreenmail.auth.disabled',
  ]
}
