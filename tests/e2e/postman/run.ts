import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { environment } from './collection.ts'
import { walkName } from './first-walk.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const [baseUrl = environment.values[0]?.value ?? ''] = process.argv.slice(2)
if (URL.canParse(baseUrl)) run(baseUrl.replace(/\/$/, ''))
else {
  process.stderr.write(`'${baseUrl}' is not a URL such as http://localhost:9080.\n`)
  process.exitCode = 1
}

/** Stops at the first failed step, because later steps need its response. */
function run(url: string): void {
  // Dependencies of newman use deprecated functions of Node.
  process.noDeprecation = true
  const newman = createRequire(import.meta.url)('newman')
  const options = {
    collection: here('ego.postman_collection.json'),
    environment: here('ego.postman_environment.json'),
    envVar: [{ key: 'base_url', value: url }],
    folder: walkName,
    reporters: 'cli',
    bail: true,
  }
  newman.run(options, (error: unknown, summary?: { run: { failures: unknown[] } }) => {
    if (error || summary?.run.failures.length !== 0) process.exitCode = 1
  })
}
