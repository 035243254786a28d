import { posix } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readMigrationFiles } from '../../kit/postgres/migrate-files.ts'
import type { Project, Violation } from './project/project.ts'

/** Asks the code that applies them whether the names and numbers of migrations are in order. */
export async function checkMigrations({ files }: Project, root: string): Promise<Violation[]> {
  const paths = [...files.keys()].filter((path) => /^[a-z]+\/migrations\/.*\.sql$/.test(path))
  const folders = [...new Set(paths.map(posix.dirname))]
  const results = await Promise.allSettled(
    folders.map((folder) =>
      readMigrationFiles({
        name: posix.dirname(folder),
        folder: pathToFileURL(posix.join(root, folder, '/')),
      }),
    ),
  )
  return results.flatMap((result, index) => {
    if (result.status === 'fulfilled') return []
    return [{ path: folders[index] ?? '', sentence: String(result.reason.message) }]
  })
}
