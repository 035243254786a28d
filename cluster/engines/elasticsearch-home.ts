import { mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { javaVersionMin, mavenJars } from './maven-jars.ts'

/** The HTTP module, in a folder of its own because it must not be on the class path. */
const http = 'transport-netty4'
const httpJar = /^(netty|transport-netty4)-.*\.jar$/

/** Downloads the server's jars once, into the folders that it expects: `lib` and `modules`. */
export async function elasticsearchHome(version: string, signal: AbortSignal): Promise<string> {
  const artifacts = [
    `org.elasticsearch:elasticsearch:${version}`,
    `org.elasticsearch.plugin:${http}:${version}`,
  ]
  const arrange = (home: string) => moveModule(home, version)
  return mavenJars({ name: 'elasticsearch', version, artifacts, megabytes: 41, arrange }, signal)
}

async function moveModule(home: string, version: string): Promise<void> {
  const [lib, module] = [join(home, 'lib'), join(home, 'modules', http)]
  await mkdir(module, { recursive: true })
  for (const name of await readdir(lib)) {
    if (httpJar.test(name)) await rename(join(lib, name), join(module, name))
  }
  await writeFile(join(module, 'plugin-descriptor.properties'), descriptor(version))
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
