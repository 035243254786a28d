import type { Project, Violation } from './project/project.ts'

const folder = 'docs/decisions/'

/** Decisions are numbered without a gap, so that two branches cannot both add the same one unseen. */
export function checkDecisions({ files }: Project): Violation[] {
  const paths = [...files.keys()].filter((path) => path.startsWith(folder)).sort()
  return paths.flatMap((path, index) => {
    const name = path.slice(folder.length)
    const expected = `${String(index + 1).padStart(4, '0')}-`
    if (!/^\d{4}-[a-z0-9]+(-[a-z0-9]+)*\.md$/.test(name)) {
      return [{ path, sentence: 'It must be named NNNN-title.md, in kebab-case.' }]
    }
    if (name.startsWith(expected)) return []
    return [{ path, sentence: `It is out of order: ${expected} was expected.` }]
  })
}
