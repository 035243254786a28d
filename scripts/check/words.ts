import type { Project, Violation } from './project/project.ts'

/** Refused everywhere: in prose, and as a part of a name. */
const words = [
  'nobody',
  'somebody',
  'whoever',
  'anybody',
  'bell',
  'lane',
  'lanes',
  'bury',
  'dig up',
  'gathered',
  'owed',
  'resting',
]

/** Refused as a part of a name; an ordinary verb in prose. */
const names = ['hands']

const readable = /\.(ts|mjs|md|sh|ya?ml)$/
const itself = /^scripts\/check\/words(\.test)?\.ts$/

const inText = new RegExp(`\\b(${words.join('|')})\\b`, 'i')
const inNames = new RegExp(`\\b(${names.join('|')})\\b`, 'i')

export function checkWords({ files }: Project): Violation[] {
  return [...files]
    .filter(([path]) => readable.test(path) && !itself.test(path))
    .flatMap(([path, text]) => [
      ...refusals(path, undefined, inText.exec(apart(path)) ?? inNames.exec(apart(path))),
      ...text.split('\n').flatMap((line, index) => refusals(path, index + 1, findIn(path, line))),
    ])
}

function refusals(path: string, line: number | undefined, found: RegExpExecArray | null) {
  if (!found) return []
  return [{ path, ...(line && { line }), sentence: `Say it with another word than "${found[0]}".` }]
}

function findIn(path: string, line: string): RegExpExecArray | null {
  return (
    inText.exec(apart(line)) ??
    (/\.(ts|mjs)$/.test(path) ? inNames.exec(apart(codeOf(line))) : null)
  )
}

/** A name as the words it is made of: `digUpMail` is `dig Up Mail`. */
function apart(text: string): string {
  return text.replace(/([a-z0-9])(?=[A-Z])/g, '$1 ').replace(/[_-]/g, ' ')
}

function codeOf(line: string): string {
  return line.replace(/'[^']*'|"[^"]*"|`[^`]*`/g, '').replace(/\/\/.*|\/\*.*|^\s*\*.*/, '')
}
