import { posix } from 'node:path'
import { isProduct } from './project/places.ts'
import type { Files, Import, Project, Violation } from './project/project.ts'
import { walk } from './project/walk.ts'

const productLinesMax = 24_400
const folderFilesMax = 25

/** How many files a reader opens to follow an operation from its own file to its SQL. */
const operations = [
  { name: 'login', entry: 'auth/src/session/login.ts', filesMax: 14 },
  { name: 'create a post', entry: 'posts/src/post/create.ts', filesMax: 8 },
  { name: 'put an avatar', entry: 'users/src/avatar/put.ts', filesMax: 10 },
]

export function checkCounts(project: Project): Violation[] {
  return [
    ...checkLines(project.files),
    ...operations.flatMap((operation) => checkOperation(project, operation)),
    ...checkFolders(project.files),
  ]
}

export function countTable(project: Project): string {
  const rows = operations.map(({ name, entry, filesMax }) => {
    const { opened, withTypes } = filesOf(project, entry)
    if (!project.files.has(entry)) return [`files of ${name}`, 'missing', filesMax, '']
    return [`files of ${name}`, opened.length, filesMax, `${withTypes.length} with types`]
  })
  return [['product lines', productLines(project.files), productLinesMax, ''], ...rows]
    .map(([what, count, limit, rest]) => `${what}: ${count} of at most ${limit}  ${rest}`)
    .map((line) => `${line.trim()}\n`)
    .join('')
}

function productLines(files: Files): number {
  return [...files]
    .filter(([path]) => isProduct(path))
    .reduce((sum, [, text]) => sum + linesOf(text), 0)
}

export function linesOf(text: string): number {
  return text.split('\n').length - 1
}

function checkLines(files: Files): Violation[] {
  const lines = productLines(files)
  if (lines <= productLinesMax) return []
  return [
    { path: '.', sentence: `${lines} lines of product code; ${productLinesMax} is the limit.` },
  ]
}

function checkOperation(project: Project, { name, entry, filesMax }: (typeof operations)[number]) {
  if (!project.files.has(entry)) {
    return [{ path: entry, sentence: `The file of the operation "${name}" is missing.` }]
  }
  const { opened } = filesOf(project, entry)
  if (opened.length <= filesMax) return []
  const others = opened.slice(1).join(', ')
  const sentence = `"${name}" opens ${opened.length} files; ${filesMax} is the limit: ${others}.`
  return [{ path: entry, sentence }]
}

/** Types open nothing at run time, so the limit is for what is imported as a value. */
function filesOf({ files, imports }: Project, entry: string) {
  const base = entry.slice(0, entry.indexOf('/src/') + '/src/'.length)
  const inside = imports.filter(
    ({ to, isDynamic }) => to?.startsWith(base) && to !== `${base}wire.ts` && !isDynamic,
  )
  const reach = (counts: (entry: Import) => boolean) => {
    const next = (node: string) =>
      inside
        .filter(({ from }) => from === node)
        .flatMap((entry) => [
          ...(counts(entry) ? [entry.to ?? ''] : []),
          ...adapterOf(entry, files),
        ])
    return [...walk(entry, next).keys()]
  }
  return { opened: reach(({ isType }) => !isType), withTypes: reach(() => true) }
}

/** The SQL behind a port: wire.ts chooses it, so that no import leads from the operation to it. */
function adapterOf({ from, to }: Import, files: Files): string[] {
  const adapter = to?.replace(/\.ts$/, '-postgres.ts') ?? ''
  return files.has(adapter) && !from.endsWith('-postgres.ts') ? [adapter] : []
}

function checkFolders(files: Files): Violation[] {
  const paths = [...files.keys()].filter((path) => path.endsWith('.ts'))
  return [...Map.groupBy(paths, posix.dirname)]
    .filter(([, inside]) => inside.length > folderFilesMax)
    .map(([path, inside]) => ({
      path,
      sentence: `${inside.length} files in one folder; ${folderFilesMax} is the limit.`,
    }))
}
