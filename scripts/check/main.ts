import { fileURLToPath } from 'node:url'
import { checkCircles } from './circles.ts'
import { checkCounts, countTable } from './counts.ts'
import { checkDecisions } from './decisions.ts'
import { checkDependencies } from './dependencies.ts'
import { checkDirection } from './direction.ts'
import { checkEnvironment, loadVariables } from './environment.ts'
import { checkForwards } from './forwards.ts'
import { checkMigrations } from './migrations.ts'
import { createProject, type Project, type Violation } from './project/project.ts'
import { readTree } from './project/tree.ts'
import { checkStores } from './stores.ts'
import { checkUnused } from './unused.ts'
import { checkWords } from './words.ts'

const rules: ((project: Project) => Violation[])[] = [
  checkDirection,
  checkCircles,
  checkStores,
  checkUnused,
  checkDependencies,
  checkCounts,
  checkForwards,
  checkWords,
  checkDecisions,
]

const root = fileURLToPath(new URL('../..', import.meta.url))
const project = createProject(readTree(root))
const violations = [
  ...rules.flatMap((rule) => rule(project)),
  ...checkEnvironment(project, await loadVariables(root)),
  ...(await checkMigrations(project, root)),
]

process.stdout.write(countTable(project))
for (const { path, line = 1, sentence } of violations) {
  process.stderr.write(`${path}:${line} ${sentence}\n`)
}
process.exitCode = violations.length > 0 ? 1 : 0
