import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '../../process/durable-file.ts'
import { StartError } from '../../process/start-error.ts'
import { parentDeathPrefix } from './parent-death.ts'
import { bareEnvironment, chownAs, type RunAs } from './run-as.ts'

const major = '18'
const makingName = 'making-'
// Trigrams and full text search handle letters beyond ASCII only with a UTF-8 character type.
const characterTypes = ['C.UTF-8', 'en_US.UTF-8', 'C']

/** Creates the data folder on the first start. It gets its final name only once it is complete and on disk. */
export async function ensureCluster(folder: string, runAs: RunAs, password: string): Promise<void> {
  const data = join(folder, 'data')
  for (const name of await readdir(folder)) {
    if (name.startsWith(makingName))
      await rm(join(folder, name), { recursive: true, maxRetries: 5 })
  }
  if (existsSync(data)) return checkVersion(data)
  const passwordFile = join(folder, `${makingName}password`)
  await writeFile(passwordFile, password, { mode: 0o600 })
  chownAs(passwordFile, runAs)
  const made = await makeData(folder, runAs, passwordFile)
  await rename(made, data)
  // The new name is durable only once its parent folder is synced.
  await syncFolder(folder)
  await rm(passwordFile)
}

async function makeData(folder: string, runAs: RunAs, passwordFile: string): Promise<string> {
  let problem = ''
  for (const characterType of characterTypes) {
    // A new name each time: an initdb that outlived a killed launcher must not write into this folder.
    const making = join(folder, `${makingName}${process.pid}-${Date.now()}`)
    await mkdir(making, { mode: 0o700 })
    chownAs(making, runAs)
    problem = await initdb(making, runAs, passwordFile, characterType)
    if (problem === '') return making
    await rm(making, { recursive: true, force: true })
    if (!problem.includes('invalid locale')) break
  }
  throw new StartError(`Postgres could not make its data folder in ${folder}: ${problem.trim()}`)
}

async function initdb(data: string, runAs: RunAs, passwordFile: string, characterType: string) {
  const [command = '', ...args] = [
    ...runAs.prefix,
    ...parentDeathPrefix('KILL'),
    runAs.binaries.initdb,
    `--pgdata=${data}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--data-checksums',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    `--lc-ctype=${characterType}`,
    '--no-instructions',
  ]
  const child = spawn(command, args, {
    ...runAs.user,
    cwd: data,
    env: bareEnvironment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let problem = ''
  child.stderr.on('data', (chunk) => {
    problem += chunk
  })
  const [code] = await once(child, 'close')
  return code === 0 ? '' : problem || `initdb ended with ${code}.`
}

async function checkVersion(data: string): Promise<void> {
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => null)
  if (version?.trim() === major) return
  throw new StartError(
    version
      ? `${data} was made by Postgres ${version.trim()}, and this is Postgres ${major}: choose another data folder.`
      : `${data} is not a Postgres data folder: restore it, or move it away to start with an empty one.`,
  )
}
