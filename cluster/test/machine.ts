import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const startup = fileURLToPath(new URL('../../scripts/startup.sh', import.meta.url))
const tools = ['bash', 'cat', 'chmod', 'dirname', 'mv', 'node', 'openssl', 'rm', 'sed']

/** Answers like a working Docker to everything that the script asks. */
export const working = `case "$*" in
  *'version --short') echo 2.40.3 ;;
  info*) echo 28.2.2 ;;
  *' port apisix 8443') echo 127.0.0.1:19443 ;;
  *' port apisix 9080') echo 127.0.0.1:19080 ;;
  *' port '*) echo 127.0.0.1:11111 ;;
  *' ps '*) printf '%s\\n' 'auth running 0 healthy' 'posts running 0 unhealthy' 'databases exited 0 ' 'bucket exited 1 ' ;;
esac`

/** A PATH with only the tools that the scripts need, and a docker that records its arguments. */
export async function aMachine(home: string, docker: string | null) {
  const bin = join(home, 'bin')
  await mkdir(bin, { recursive: true })
  for (const tool of tools) await symlink(whereIs(tool), join(bin, tool))
  const log = join(home, 'calls')
  await writeFile(log, '')
  if (docker !== null) {
    const note = `echo "$* [\${EGO_EVENTS-} \${EGO_TLS_PORT-}]" >>"${log}"`
    await writeFile(join(bin, 'docker'), `#!${whereIs('bash')}\n${note}\n${docker}\n`)
    await chmod(join(bin, 'docker'), 0o755)
  }
  const cluster = join(home, 'cluster')
  return {
    cluster,
    startup: (...args: string[]) =>
      run('bash', [startup, ...args], { PATH: bin, EGO_CLUSTER: cluster }),
    /** Runs a script with this environment. */
    run: (script: string, args: string[], env: Record<string, string>) =>
      run('bash', [script, ...args], { PATH: bin, ...env }),
    calls: async () => (await readFile(log, 'utf8')).split('\n').filter(Boolean),
  }
}

function whereIs(tool: string): string {
  if (tool === 'node') return process.execPath
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found = folders.map((path) => join(path, tool)).find((path) => existsSync(path))
  if (!found) throw new Error(`${tool} is not installed.`)
  return found
}

type Ended = { code: number; output: string; errors: string }

export function run(command: string, args: string[], env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, args, { env }, (error, output, errors) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output, errors })
    })
  })
}
