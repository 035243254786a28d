import { posix } from 'node:path'
import { isProduct, isTestSide } from './project/places.ts'
import type { Files, Import, Project, Violation } from './project/project.ts'

/** Found by their names: by vitest, by `npm run events`, and the variables of a service by the checks. */
const foundByName =
  /\.(test|slow-test|engine-test|config)\.ts$|\/(commands\/events|src\/config)\.ts$/

const quotedPath = /(?<!\bfrom |\bimport |\bimport\()['"`]([\w@./-]+\.(?:ts|mjs))['"`]/g
const barePath = /[\w@./-]+\.(?:ts|mjs)\b/g

/** Files and exports without a use. A use by tests alone is none for product code. */
export function checkUnused(project: Project): Violation[] {
  const { files, imports } = project
  const imported = new Set(imports.map(({ to }) => to))
  const isNamed = namesPaths(files)
  // What is started or loaded by its path is used in a way that no import shows.
  const isOpen = (path: string) => foundByName.test(path) || isNamed(path)
  const unusedFiles = [...files.keys()]
    .filter((path) => path.endsWith('.ts') && !imported.has(path) && !isOpen(path))
    .map((path) => ({ path, sentence: 'Nothing imports this file or names its path.' }))
  return [...unusedFiles, ...unusedExports(project, isOpen)]
}

function unusedExports({ files, imports, exports }: Project, isOpen: (path: string) => boolean) {
  const byProduct = namesUsed(imports.filter(({ from }) => !isTestSide(from)))
  const byTests = namesUsed(imports.filter(({ from }) => isTestSide(from)))
  return exports.flatMap(({ path, name, line, isType }): Violation[] => {
    if (byProduct(path, name) || name === '*' || isOpen(path)) return []
    // A type names what an export speaks of, and a test may look at a detail that its file uses.
    const isTested = byTests(path, name)
    if ((isType || isTested) && countOf(name, files.get(path) ?? '') > 1) return []
    if (!isTested) return [{ path, line, sentence: `Nothing uses the export ${name}.` }]
    return isProduct(path) ? [{ path, line, sentence: `Only tests use the export ${name}.` }] : []
  })
}

function namesUsed(imports: Import[]): (path: string, name: string) => boolean {
  const used = new Set(imports.flatMap(({ to, names }) => names.map((name) => `${to} ${name}`)))
  return (path, name) => used.has(`${path} ${name}`) || used.has(`${path} *`)
}

/** Whether a text names a path: code that opens a worker, a script, a manifest. */
function namesPaths(files: Files): (path: string) => boolean {
  const named = new Set<string>()
  for (const [path, text] of files) {
    if (/\.md$|^package-lock\.json$/.test(path)) continue
    const isCode = /\.(ts|mjs)$/.test(path)
    for (const match of text.matchAll(isCode ? quotedPath : barePath)) {
      const name = match[1] ?? match[0]
      named.add(posix.join(posix.dirname(path), name))
      if (name.includes('/')) named.add(name)
    }
  }
  return (path) => endingsOf(path).some((ending) => named.has(ending))
}

/** `a/b/c.ts` and `b/c.ts`: a path may be written from a folder that only its reader knows. */
function endingsOf(path: string): string[] {
  const names = path.split('/')
  return names.slice(1).map((_, index) => names.slice(index).join('/'))
}

function countOf(name: string, text: string): number {
  return text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0
}
