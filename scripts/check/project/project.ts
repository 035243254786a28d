import { posix } from 'node:path'
import { type Export, type Request, readModule } from './module.ts'

/** The text of every file of the repository, by its path from the root. */
export type Files = ReadonlyMap<string, string>

export type Import = Request & { from: string /** A file of ours, or `null`. */; to: string | null }

export type Package = {
  folder: string
  name: string
  /** What a subpath of the package means, such as `./src/*.ts`. */
  pattern: string | undefined
  dependencies: string[]
}

/** What every rule looks at: it is read once. */
export type Project = {
  files: Files
  packages: Package[]
  imports: Import[]
  exports: (Export & { path: string })[]
}

export type Violation = { path: string; line?: number; sentence: string }

export function createProject(files: Files): Project {
  const packages = readPackages(files)
  const imports: Import[] = []
  const exports: Project['exports'] = []
  for (const [path, text] of files) {
    if (!/\.(ts|mjs)$/.test(path)) continue
    const module = readModule(path, text)
    exports.push(...module.exports.map((exported) => ({ path, ...exported })))
    for (const request of module.requests) {
      const to = targetOf(path, request.specifier, packages)
      imports.push({ from: path, to: to !== null && files.has(to) ? to : null, ...request })
    }
  }
  return { files, packages, imports, exports }
}

/** The package that a file belongs to: the one with the longest folder, at last the root's. */
export function packageOf(packages: Package[], path: string): Package | undefined {
  return packages
    .filter(({ folder }) => folder === '' || path.startsWith(`${folder}/`))
    .reduce<Package | undefined>(
      (found, next) => (found && found.folder.length >= next.folder.length ? found : next),
      undefined,
    )
}

function readPackages(files: Files): Package[] {
  const { workspaces = [] } = JSON.parse(files.get('package.json') ?? '{}')
  const patterns = workspaces.map(
    (pattern: string) => new RegExp(`^${pattern.replaceAll('*', '[^/]+')}/package\\.json$`),
  )
  const isManifest = (path: string) =>
    path === 'package.json' || patterns.some((pattern: RegExp) => pattern.test(path))
  return [...files].flatMap(([path, text]) => {
    if (!isManifest(path)) return []
    const folder = path.slice(0, -'/package.json'.length)
    const { name = '', exports, dependencies, devDependencies } = JSON.parse(text)
    // What is optional is binaries for a platform: it is found by its path, or by another package.
    const listed = Object.keys({ ...dependencies, ...devDependencies })
    return [{ folder, name, pattern: exports?.['./*'], dependencies: listed }]
  })
}

function targetOf(from: string, specifier: string, packages: Package[]): string | null {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier)
  const found = packages.find(({ name }) => name && specifier.startsWith(`${name}/`))
  if (!found?.pattern) return null
  const subpath = specifier.slice(found.name.length + 1)
  return posix.join(found.folder, found.pattern.replace('*', subpath))
}
