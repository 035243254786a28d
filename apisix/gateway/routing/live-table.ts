import type { Environment } from '@ego/kit/process/config'
import type { Logger } from 'pino'
import { loadGatewayFile } from '../file/load.ts'
import type { GatewayFile } from '../file/schema.ts'
import type { PluginContext } from '../plugins/plugin.ts'
import { createTable, type Table } from './table.ts'

/** The routes in force. Once disposed it ignores every further change of the file. */
export type LiveTable = AsyncDisposable & {
  readonly current: Table
  /** Applies a changed file; a bad one changes nothing. Reloads run one after the other. */
  reload(): Promise<void>
}

type TableOptions = {
  readonly file: string
  readonly environment: Environment
  readonly log: Logger
  readonly load?: typeof loadGatewayFile
}

/** Rejects when the file is bad. */
export async function openTable(
  { file, environment, log, load = loadGatewayFile }: TableOptions,
  context: Omit<PluginContext, 'keep'>,
): Promise<LiveTable> {
  let kept = new Map<string, unknown>()
  let table = apply(await load(file, environment))
  let isClosed = false
  let last = Promise.resolve()

  /** Of the state that plugins keep, only what the new table asks for stays. */
  function apply(settings: GatewayFile): Table {
    const used = new Map<string, unknown>()
    const keep = <T>(name: string, create: () => T): T => {
      const value = kept.has(name) ? (kept.get(name) as T) : create()
      used.set(name, value)
      return value
    }
    const created = createTable(settings, { ...context, keep })
    kept = used
    return created
  }

  async function reload(): Promise<void> {
    try {
      const settings = await load(file, environment)
      if (isClosed) return
      const previous = table
      table = apply(settings)
      previous[Symbol.dispose]()
      log.info({ file }, 'routes re-read')
    } catch (error) {
      const reason = error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error)
      log.error(`The old routes stay in force: ${reason}`)
    }
  }

  return {
    get current() {
      return table
    },
    reload() {
      last = last.then(reload)
      return last
    },
    async [Symbol.asyncDispose]() {
      isClosed = true
      await last
      table[Symbol.dispose]()
    },
  }
}
