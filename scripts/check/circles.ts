import { posix } from 'node:path'
import { isTestSide } from './project/places.ts'
import type { Import, Project, Violation } from './project/project.ts'
import { walk, wayTo } from './project/walk.ts'

type Graph = Map<string, Map<string, Import>>

/** Files in a circle, and in every folder files and folders that need each other. Types count too. */
export function checkCircles({ imports }: Project): Violation[] {
  const files: Graph = new Map()
  const folders = new Map<string, Graph>()
  for (const entry of imports) {
    const { from, to } = entry
    if (!to) continue
    connect(files, from, to, entry)
    if (isTestSide(from)) continue
    const { folder, source, target } = branch(from, to)
    const graph = folders.get(folder) ?? new Map()
    folders.set(folder, graph)
    connect(graph, source, target, entry)
  }
  const circles = [...circlesOf(files), ...[...folders.values()].flatMap(circlesOf)]
  // A circle of files in one folder is found in both graphs.
  return [...new Map(circles.map((circle) => [circle.sentence, circle])).values()]
}

/** Where the ways to two files part: `a/b/c.ts` and `a/d.ts` part in `a`, into `a/b` and `a/d.ts`. */
function branch(from: string, to: string): { folder: string; source: string; target: string } {
  const [one, other] = [from.split('/'), to.split('/')]
  const at = one.findIndex((name, index) => name !== other[index])
  const depth = at < 0 ? one.length - 1 : at
  const prefix = (names: string[]) => names.slice(0, depth + 1).join('/')
  return { folder: one.slice(0, depth).join('/'), source: prefix(one), target: prefix(other) }
}

function connect(graph: Graph, source: string, target: string, entry: Import): void {
  const targets = graph.get(source) ?? new Map()
  graph.set(source, targets)
  if (!targets.has(target)) targets.set(target, entry)
}

/** A shortest circle for every node that is in no earlier one; opening it may show the next. */
function circlesOf(graph: Graph): Violation[] {
  const seen = new Set<string>()
  return [...graph.keys()].flatMap((start) => {
    if (seen.has(start)) return []
    const way = wayBack(graph, start)
    const [first, second] = way
    if (first === undefined) return []
    for (const node of way) seen.add(node)
    const entry = graph.get(first)?.get(second ?? first)
    const sentence = `A circle: ${[...way, first].map(shown).join(' → ')}.`
    return [{ path: entry?.from ?? first, line: entry?.line ?? 1, sentence }]
  })
}

function shown(node: string): string {
  return posix.extname(node) ? node : `${node}/`
}

/** The shortest way from a node to itself; empty when there is none. */
function wayBack(graph: Graph, start: string): string[] {
  const before = walk(start, (node) => [...(graph.get(node)?.keys() ?? [])])
  const end = [...before.keys()].find((node) => graph.get(node)?.has(start))
  return end === undefined ? [] : wayTo(end, before)
}
