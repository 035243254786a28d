import { linesOf } from './counts.ts'
import { isTestSide } from './project/places.ts'
import type { Project, Violation } from './project/project.ts'

const linesMin = 10

const call = String.raw`(return )?(await )?[\w.]+(\([\w, ]*\))?`
const forms = [
  String.raw`const \w+ = ((async )?\(.*\) => )?${call}`,
  String.raw`(async )?function \w+\(.*\).* \{ ${call} \}`,
  String.raw`type \w+ = \w+`,
  String.raw`\{.*\}`,
]
const forward = new RegExp(`^(export (${forms.join('|')}))?$`)

/** Such a file only adds a hop for its reader. */
export function checkForwards({ files, imports, exports }: Project): Violation[] {
  const importing = new Set(imports.filter(({ to }) => to).map(({ from }) => from))
  const paths = new Set(exports.map(({ path }) => path).filter((path) => importing.has(path)))
  return [...paths]
    .filter((path) => !isTestSide(path) && isForward(files.get(path) ?? ''))
    .map((path) => ({ path, sentence: 'It only forwards: import what stands behind it.' }))
}

function isForward(text: string): boolean {
  if (linesOf(text) >= linesMin) return false
  const code = text
    .replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, '')
    .replace(/^import .*?'$|^export [^=]*? from '.*?'$/gms, '')
  return forward.test(code.replace(/\s+/g, ' ').trim())
}
