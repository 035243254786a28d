import { fileURLToPath } from 'node:url'
import { checkDecisions } from './decisions.ts'
import { checkEnvironment, loadVariables } from './environment.ts'
import { checkMigrations } from './migrations.ts'
import { createProject } from './project/project.ts'
import { readTree } from './project/tree.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const project = createProject(readTree(root))
const violations = [
  ...checkDecisions(project),
  ...checkEnvironment(project, await loadVariables(root)),
  ...(await checkMigrations(project, root)),
]

for (const { path, line = 1, sentence } of violations) {
  process.stderr.write(`${path}:${line} ${sentence}\n`)
}
process.exitCode = violations.length > 0 ? 1 : 0
