import { spawnSync } from 'node:child_process'
import { bareEnvironment } from './run-as.ts'

let supported: boolean | null = null

/** Where the kernel offers it, a program that is not to outlive a killed launcher is started with this. */
export function dyingWithUs(signal: 'INT' | 'KILL'): string[] {
  supported ??=
    spawnSync('setpriv', ['--pdeathsig', 'INT', 'true'], { env: bareEnvironment }).status === 0
  return supported ? ['setpriv', '--pdeathsig', signal, '--'] : []
}
