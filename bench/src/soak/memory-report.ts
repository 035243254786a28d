import { appendFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

/** Loaded into the platform before its own code: tells what is left on the heap once all rubbish is gone. */
const everyMs = 5_000
const file = process.env.EGO_BENCH_MEMORY

if (file && isMainThread) {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setInterval(() => {
    if (typeof collect === 'function') collect()
    const { heapUsed, rss } = process.memoryUsage()
    appendFileSync(file, `${JSON.stringify({ atMs: Date.now(), heapUsed, rss })}\n`)
  }, everyMs).unref()
}
