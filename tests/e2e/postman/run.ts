import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { environment, walkName } from './collection.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const [baseUrl = environment.values[0]?.value ?? ''] = process.argv.slice(2)
if (URL.canParse(baseUrl)) process.exitCode = await run(baseUrl.replace(/\/$/, ''))
else {
  process.stderr.write(`'${baseUrl}' is not an address such as http://localhost:9080.\n`)
  process.exitCode = 1
}

/** Stops at the first step that fails: those after it need what it answers. */
function run(url: string): Promise<number> {
  const newman = spawn(
    process.execPath,
    // What newman is made of calls old names of Node.
    [
      '--no-deprecation',
      here('node_modules/newman/bin/newman.js'),
      'run',
      here('ego.postman_collection.json'),
    ]
      .concat(['--environment', here('ego.postman_environment.json')])
      .concat(['--env-var', `base_url=${url}`, '--folder', walkName, '--bail']),
    { stdio: 'inherit' },
  )
  return new Promise((resolve, reject) => {
    newman.on('error', reject)
    newman.on('close', (code) => resolve(code ?? 1))
  })
}
