import { isBuiltin } from 'node:module'
import { isTestSide } from './project/places.ts'
import { type Package, type Project, packageOf, type Violation } from './project/project.ts'

/** These are no imports: commands, and types that the compiler finds by itself. */
const tools = /^(@biomejs\/biome|lefthook|typescript|@types\/.*)$/

/** A package imports what its package.json lists, and lists what it imports. */
export function checkDependencies(project: Project): Violation[] {
  return [...unlisted(project), ...project.packages.flatMap((entry) => unused(project, entry))]
}

function unlisted({ imports, packages }: Project): Violation[] {
  const root = packages.find(({ folder }) => folder === '')
  return imports.flatMap(({ from, specifier, line }) => {
    if (specifier.startsWith('.') || isBuiltin(specifier)) return []
    const name = packageName(specifier)
    const owner = packageOf(packages, from)
    // The root lists the tools of every test; its own files see every package of the workspace.
    const isTool = isTestSide(from) && root?.dependencies.includes(name)
    const isOurs = owner === root && packages.some((entry) => entry.name === name)
    if (isTool || isOurs || owner?.dependencies.includes(name)) return []
    return [{ path: from, line, sentence: `${manifestOf(owner)} does not list ${name}.` }]
  })
}

function unused({ files, packages }: Project, entry: Package): Violation[] {
  const texts = [...files]
    .filter(([path]) => /\.(ts|mjs)$/.test(path))
    .filter(([path]) => entry.folder === '' || packageOf(packages, path) === entry)
    .map(([, text]) => text)
  return entry.dependencies
    .filter((name) => !tools.test(name))
    .filter((name) => !texts.some((text) => new RegExp(`['"\`]${name}['"\`/]`).test(text)))
    .map((name) => ({ path: manifestOf(entry), sentence: `Nothing imports ${name}.` }))
}

function manifestOf(entry: Package | undefined): string {
  return entry?.folder ? `${entry.folder}/package.json` : 'package.json'
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}
