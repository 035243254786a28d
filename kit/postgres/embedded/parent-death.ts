import { spawnSync } from 'node:child_process'
import { bareEnvironment } from './run-as.ts'

let supported: boolean | null = null

/** A command prefix that ends a program when its parent is killed; empty where the kernel does not support it. */
export function parentDeathPrefix(signal: 'INT' | 'KILL'): string[] {
  supported ??=
    spawnSync('setpriv', ['--pdeathsig', 'INT', 'true'], { env: bareEnvironment }).status === 0
  return supported ? ['setpriv', '--pdeathsig', signal, '--'] : []
}
