import { watch as nodeWatch, watchFile as pollFile, unwatchFile as unpollFile } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Logger } from 'pino'

const settleMs = 100

type Options = {
  readonly log: Logger
  /** How often the file is checked where the system cannot watch it. */
  readonly pollMs?: number
  readonly watch?: typeof nodeWatch
}

/**
 * Calls back once the file has changed and no further change follows for a moment. The folder is
 * watched, not the file: editors and Kubernetes replace a file, and a watch on the old one would
 * see no later change. Where watching fails (many systems allow few watches), the file is polled.
 */
export function watchFile(
  file: string,
  onChange: () => void,
  { log, pollMs = 2000, watch = nodeWatch }: Options,
): Disposable {
  let timer: NodeJS.Timeout | undefined
  const settle = () => {
    clearTimeout(timer)
    timer = setTimeout(onChange, settleMs)
  }
  const stops = new DisposableStack()
  stops.defer(() => clearTimeout(timer))
  let isPolling = false
  const poll = (error: unknown) => {
    if (isPolling || stops.disposed) return
    isPolling = true
    log.warn({ err: error, file }, 'the file cannot be watched and is polled instead')
    pollFile(file, { interval: pollMs, persistent: false }, settle)
    stops.defer(() => unpollFile(file, settle))
  }
  try {
    stops.use(watchFolder(file, settle, poll, watch))
  } catch (error) {
    poll(error)
  }
  return stops
}

function watchFolder(
  file: string,
  settle: () => void,
  onError: (error: Error) => void,
  watch: typeof nodeWatch,
): Disposable {
  const name = basename(file)
  const watcher = watch(dirname(file), (_event, changed) => {
    // Kubernetes swaps a link named ..data beside the file.
    if (changed === null || changed === name || changed.startsWith('..')) settle()
  })
  watcher.on('error', (error) => {
    watcher.close()
    onError(error)
  })
  watcher.unref()
  return { [Symbol.dispose]: () => watcher.close() }
}
