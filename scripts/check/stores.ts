import { posix } from 'node:path'
import { isTestSide } from './project/places.ts'
import type { Project, Violation } from './project/project.ts'
import { walk, wayTo } from './project/walk.ts'

const storeNames = /^store.*\.ts$|-(postgres|redis|s3|elasticsearch)\.ts$/
const problem = 'kit/http/problem.ts'

/** Stores speak about data: what a refusal means in HTTP is for the operation to say. */
export function checkStores({ files, imports }: Project): Violation[] {
  const targets = new Map<string, string[]>()
  for (const { from, to, isType } of imports) {
    if (to && !isType) targets.set(from, [...(targets.get(from) ?? []), to])
  }
  const direct = imports
    .filter(({ from, to }) => isStore(from) && to?.startsWith('kit/http/'))
    .map(({ from, to, line }) => ({
      path: from,
      line,
      sentence: `A store may not import ${to}: it knows nothing of HTTP.`,
    }))
  const throughOthers = [...files.keys()].filter(isStore).flatMap((path) => {
    const before = walk(path, (node) => targets.get(node) ?? [])
    const way = wayTo(problem, before)
    if (way.length <= 2) return []
    return [{ path, sentence: `A store may not reach Problem: ${way.slice(1).join(' → ')}.` }]
  })
  return [...direct, ...throughOthers]
}

function isStore(path: string): boolean {
  return storeNames.test(posix.basename(path)) && !isTestSide(path)
}
