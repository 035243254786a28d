import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Imports a data view of the posts and a search into Kibana, once it answers. It can run repeatedly. */
const secrets = process.env.EGO_SECRETS ?? '/run/secrets'
const address = process.env.EGO_KIBANA ?? 'http://kibana:5601'
const prefix = process.env.ELASTICSEARCH_PREFIX ?? 'ego'
const waitMsMax = 300_000
const pollMs = 1_000

const login = Buffer.from(`elastic:${readSecret('elasticsearch-password')}`).toString('base64')
const authorization = `Basic ${login}`

await waitForKibana()
const objects = readFileSync(new URL('ego.ndjson', import.meta.url), 'utf8')
const form = new FormData()
// Uses the alias, not a pattern, which would also match an index that is being built.
form.append('file', new Blob([objects.replaceAll('ego-posts', `${prefix}-posts`)]), 'ego.ndjson')
const response = await fetch(`${address}/api/saved_objects/_import?overwrite=true`, {
  method: 'POST',
  headers: { authorization, 'kbn-xsrf': 'true' },
  body: form,
  signal: AbortSignal.timeout(60_000),
})
const answer = await response.text()
// Kibana also answers 200 when the import fails.
if (!response.ok || !JSON.parse(answer).success) {
  throw new Error(`Kibana did not import ego.ndjson: ${response.status} ${answer}`)
}
process.stdout.write('Kibana has the data view of the posts.\n')

async function waitForKibana(): Promise<void> {
  const deadline = Date.now() + waitMsMax
  while (!(await isReady())) {
    if (Date.now() > deadline) throw new Error(`${address} did not get ready.`)
    await sleep(pollMs)
  }
}

async function isReady(): Promise<boolean> {
  const options = { headers: { authorization }, signal: AbortSignal.timeout(10_000) }
  const response = await fetch(`${address}/api/status`, options).catch(() => null)
  await response?.body?.cancel()
  return response?.ok ?? false
}

function readSecret(name: string): string {
  return readFileSync(`${secrets}/${name}`, 'utf8').trim()
}
