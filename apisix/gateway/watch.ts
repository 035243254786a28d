import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

const SETTLE_MS = 100

/**
 * Calls back after the file has changed and been quiet for a moment. The folder is watched, not the
 * file: editors and Kubernetes replace a file, and a watch on the old one would hear nothing more.
 */
export function watchFile(file: string, onChange: () => void): Disposable {
  const name = basename(file)
  let timer: NodeJS.Timeout | undefined
  const watcher: FSWatcher = watch(dirname(file), (_event, changed) => {
    if (changed !== null && changed !== name && !changed.startsWith('..')) return
    clearTimeout(timer)
    timer = setTimeout(onChange, SETTLE_MS)
  })
  watcher.unref()
  return {
    [Symbol.dispose]() {
      clearTimeout(timer)
      watcher.close()
    },
  }
}
