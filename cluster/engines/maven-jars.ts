import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EngineMissing } from './engine.ts'

export type Jars = {
  name: string
  version: string
  /** Like `org.slf4j:slf4j-simple:1.7.36`. */
  artifacts: readonly string[]
  /** The approximate download size, for the message. */
  megabytes: number
  /** Arranges files that the server needs besides `lib`. */
  arrange?: (home: string) => Promise<void>
}

export const javaVersionMin = 17
const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'

/** The folder of the jars, once they are downloaded. */
export function jarsFolder({ name, version }: Pick<Jars, 'name' | 'version'>): string {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ego-engines')
  return join(cache, `${name}-${version}`)
}

/** Downloads the jars of a server with their dependencies once, and returns the folder that has them in `lib`. */
export async function mavenJars(jars: Jars, signal: AbortSignal): Promise<string> {
  const { name, version, megabytes } = jars
  await checkJava()
  const home = jarsFolder(jars)
  if (existsSync(home)) return home
  const draft = `${home}.${process.pid}`
  await mkdir(draft, { recursive: true })
  try {
    process.stdout.write(`${name}: fetching ${version} (${megabytes} MB), once\n`)
    await writeFile(join(draft, 'pom.xml'), project(jars))
    await fetchJars(draft, signal)
    await jars.arrange?.(draft)
    await rename(draft, home)
    return home
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function checkJava(): Promise<void> {
  const { stderr } = await promisify(execFile)('java', ['-version']).catch(() => ({ stderr: '' }))
  const [, major] = /version "(\d+)/.exec(stderr) ?? []
  if (Number(major ?? 0) < javaVersionMin) throw new EngineMissing(`no Java ${javaVersionMin}`)
}

async function fetchJars(folder: string, signal: AbortSignal): Promise<void> {
  // Fails when a jar has a wrong checksum.
  const flags = ['--batch-mode', '--quiet', '--strict-checksums']
  const maven = spawn(
    'mvn',
    [...flags, `${plugin}:copy-dependencies`, `-DoutputDirectory=${join(folder, 'lib')}`],
    { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const stop = () => maven.kill()
  signal.addEventListener('abort', stop)
  let output = ''
  maven.stdout.on('data', (chunk) => {
    output = (output + chunk).slice(0, 2_000)
  })
  const [code] = await once(maven, 'close').catch(() => [null])
  signal.removeEventListener('abort', stop)
  if (maven.pid === undefined) throw new EngineMissing('no mvn')
  if (code !== 0) throw new EngineMissing(`mvn failed: ${output.trim().split('\n')[0]}`)
}

function project({ name, artifacts }: Jars): string {
  const dependencies = artifacts.map((coordinates) => {
    const [group, artifact, version] = coordinates.split(':')
    return (
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>` +
      `<version>${version}</version></dependency>`
    )
  })
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
    <modelVersion>4.0.0</modelVersion>
    <groupId>ego</groupId><artifactId>${name}</artifactId><version>1</version>
    <dependencies>
      ${dependencies.join('\n      ')}
    </dependencies>
  </project>`
}
