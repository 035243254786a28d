import { fileURLToPath } from 'node:url'
import { countTable } from './check/counts.ts'
import { createProject } from './check/project/project.ts'
import { readTree } from './check/project/tree.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
process.stdout.write(countTable(createProject(readTree(root))))
