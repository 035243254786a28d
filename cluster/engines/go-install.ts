import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { EngineMissing } from './engine.ts'

/** The exit code of `nice` when the command is missing. */
const commandMissing = 127

/** The path of a Go program, once it is built. */
export function goProgram(path: string, version: string): string {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ego-engines')
  return join(cache, `${basename(path)}-${version}`)
}

/** Builds a Go program once and returns its path. */
export async function goInstall(
  path: string,
  version: string,
  signal: AbortSignal,
): Promise<string> {
  const binary = goProgram(path, version)
  if (existsSync(binary)) return binary
  const draft = `${binary}.${process.pid}`
  await mkdir(draft, { recursive: true })
  try {
    process.stdout.write(`${basename(path)}: building ${version}; this takes some minutes, once\n`)
    await build(`${path}@${version}`, draft, signal)
    await rename(join(draft, basename(path)), binary)
    return binary
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function build(program: string, target: string, signal: AbortSignal): Promise<void> {
  const flags = ['-trimpath', '-ldflags=-s -w']
  // With low priority, because the build takes minutes.
  const go = spawn('nice', ['-n', '10', 'go', 'install', ...flags, program], {
    env: { ...process.env, GOBIN: target, CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const stop = () => go.kill()
  signal.addEventListener('abort', stop)
  let lastLines = ''
  go.stderr.on('data', (chunk) => {
    lastLines = (lastLines + chunk).slice(-2_000)
  })
  const [code] = await once(go, 'close').catch(() => [commandMissing])
  signal.removeEventListener('abort', stop)
  if (code === commandMissing) throw new EngineMissing('no go')
  if (code !== 0)
    throw new EngineMissing(`the build failed: ${lastLines.trim().split('\n').at(-1)}`)
}
