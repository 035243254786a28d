import { EventEmitter } from 'node:events'
import { type FSWatcher, type watch as nodeWatch, writeFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { collectingLog, until, writeGatewayFile } from '../testing/gateway.ts'
import { watchFile } from './watch.ts'

const exhausted = Object.assign(new Error('System limit for number of file watchers reached'), {
  code: 'ENOSPC',
})

async function watching(watch: () => FSWatcher) {
  const { log, lines } = collectingLog()
  const file = await writeGatewayFile('routes: []')
  const state = { changes: 0 }
  const options = { log, pollMs: 10, watch: watch as unknown as typeof nodeWatch }
  const onChange = () => {
    state.changes += 1
  }
  const watched = watchFile(file, onChange, options)
  onTestFinished(() => watched[Symbol.dispose]())
  return { file, lines, state }
}

async function expectPolling({ file, lines, state }: Awaited<ReturnType<typeof watching>>) {
  expect(lines).toMatchObject([
    { level: 40, msg: 'the file cannot be watched and is polled instead', err: { code: 'ENOSPC' } },
  ])
  let text = 'routes: []'
  let writtenAt = 0
  await until(() => {
    // The first look at the file may come after a change, so there is more than one.
    if (Date.now() - writtenAt > 300) {
      text += ' '
      writtenAt = Date.now()
      writeFileSync(file, text)
    }
    return state.changes > 0
  })
}

test('where no more files can be watched the file is polled', async () => {
  await expectPolling(
    await watching(() => {
      throw exhausted
    }),
  )
})

test('a watch that fails later is replaced by polling', async () => {
  const watcher = new EventEmitter() as FSWatcher
  watcher.close = () => undefined
  watcher.unref = () => watcher
  const watched = await watching(() => watcher)
  watcher.emit('error', exhausted)
  await expectPolling(watched)
})
