import { createProject, type Project, type Violation } from '../project/project.ts'

/** A repository of a few files. */
export function projectOf(files: Record<string, string>): Project {
  return createProject(new Map(Object.entries(files)))
}

/** As `npm run check` prints them. */
export function linesOf(violations: Violation[]): string[] {
  return violations.map(({ path, line = 1, sentence }) => `${path}:${line} ${sentence}`)
}
