import { readFileSync } from 'node:fs'

/** Creates a login for posts that can access only its own indices, and sets the password of Kibana's login. It can run repeatedly. */
const secrets = process.env.EGO_SECRETS ?? '/run/secrets'
const address = process.env.EGO_ELASTICSEARCH ?? 'http://elasticsearch:9200'
const prefix = process.env.ELASTICSEARCH_PREFIX ?? 'ego'

const posts = new URL(readSecret('search-url'))
const role = 'ego-posts'

await send('PUT', `/_security/role/${role}`, {
  indices: [{ names: [`${prefix}-posts*`], privileges: ['manage', 'read', 'write'] }],
})
await send('PUT', `/_security/user/${posts.username}`, {
  password: posts.password,
  roles: [role],
})
await send('POST', '/_security/user/kibana_system/_password', {
  password: readSecret('kibana-password'),
})
process.stdout.write('The logins of Elasticsearch are ready.\n')

async function send(method: string, path: string, body: unknown): Promise<void> {
  const login = Buffer.from(`elastic:${readSecret('elasticsearch-password')}`).toString('base64')
  const response = await fetch(address + path, {
    method,
    headers: { authorization: `Basic ${login}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  })
  if (!response.ok)
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
}

function readSecret(name: string): string {
  return readFileSync(`${secrets}/${name}`, 'utf8').trim()
}
