import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Files } from './project.ts'

const pictures = /\.(png|svg)$/

/** What is in git, and what will be: new files count before they are added. */
export function readTree(root: string): Files {
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 1 << 24 } as const
  const listed = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const paths = new Set(execFileSync('git', listed, options).split('\0'))
  const texts = [...paths]
    .filter((path) => path && !pictures.test(path) && existsSync(join(root, path)))
    .sort()
    .map((path) => [path, readFileSync(join(root, path), 'utf8')] as const)
  return new Map(texts)
}
