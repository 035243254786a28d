import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { NotHere } from './engine.ts'

const javaVersionMin = 17
const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'
/** The module that listens; a folder of its own, because it may not be on the class path. */
const http = 'transport-netty4'
const httpJar = /^(netty|transport-netty4)-.*\.jar$/

/** The server's own jars, laid out once as it wants them: `lib` and `modules`. */
export async function elasticsearchHome(version: string, signal: AbortSignal): Promise<string> {
  await checkJava()
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ego-engines')
  const home = join(cache, `elasticsearch-${version}`)
  if (existsSync(home)) return home
  const draft = `${home}.${process.pid}`
  const [lib, module] = [join(draft, 'lib'), join(draft, 'modules', http)]
  await mkdir(module, { recursive: true })
  try {
    process.stdout.write(`elasticsearch: fetching ${version} (41 MB), once\n`)
    await writeFile(join(draft, 'pom.xml'), project(version))
    await fetchJars(draft, lib, signal)
    for (const name of await readdir(lib)) {
      if (httpJar.test(name)) await rename(join(lib, name), join(module, name))
    }
    await writeFile(join(module, 'plugin-descriptor.properties'), descriptor(version))
    await rename(draft, home)
    return home
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function checkJava(): Promise<void> {
  const { stderr } = await promisify(execFile)('java', ['-version']).catch(() => ({ stderr: '' }))
  const [, major] = /version "(\d+)/.exec(stderr) ?? []
  if (Number(major ?? 0) < javaVersionMin) throw new NotHere(`no Java ${javaVersionMin}`)
}

async function fetchJars(folder: string, target: string, signal: AbortSignal): Promise<void> {
  // A jar whose checksum is wrong is an error.
  const flags = ['--batch-mode', '--quiet', '--strict-checksums']
  const maven = spawn(
    'mvn',
    [...flags, `${plugin}:copy-dependencies`, `-DoutputDirectory=${target}`],
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
  if (maven.pid === undefined) throw new NotHere('no mvn')
  if (code !== 0) throw new NotHere(`mvn failed: ${output.trim().split('\n')[0]}`)
}

function project(version: string): string {
  const dependency = (group: string, artifact: string) =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>` +
    `<version>${version}</version></dependency>`
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
    <modelVersion>4.0.0</modelVersion>
    <groupId>ego</groupId><artifactId>elasticsearch</artifactId><version>1</version>
    <dependencies>
      ${dependency('org.elasticsearch', 'elasticsearch')}
      ${dependency('org.elasticsearch.plugin', http)}
    </dependencies>
  </project>`
}

function descriptor(version: string): string {
  return `name=${http}
description=HTTP
version=${version}
elasticsearch.version=${version}
java.version=${javaVersionMin}
classname=org.elasticsearch.transport.netty4.Netty4Plugin
`
}
