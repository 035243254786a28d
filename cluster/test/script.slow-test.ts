import { X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sealingPublicKey } from '@ego/kit/http/identity/sealed'
import { isKeyText } from '@ego/kit/process/key-text'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aMachine, run, working } from './machine.ts'

const maker = fileURLToPath(new URL('../secrets.mjs', import.meta.url))

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ego cluster '))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('secrets are created once, in folders that only their owner can enter', async () => {
  const cluster = join(folder, 'secrets once')
  await makeSecrets(cluster)
  const first = await readAll(cluster)
  expect(await modesOf(cluster)).toEqual({
    folder: 0o700,
    store: 0o600,
    secrets: 0o700,
    files: [0o444],
  })
  await rm(join(cluster, 'secrets/auth-app-url'))
  await makeSecrets(cluster)
  expect(await readAll(cluster)).toEqual(first)

  const other = join(folder, 'other')
  await makeSecrets(other)
  expect((await readAll(other))['postgres-password']).not.toBe(first['postgres-password'])
})

test('keys have the format that services read, and the two halves of the mail key match', async () => {
  const cluster = join(folder, 'keys')
  await makeSecrets(cluster)
  const all = await readAll(cluster)
  const names = ['key-encryption-key', 'refresh-token-key', 'mail-private-key', 'mail-public-key']
  expect(names.filter((name) => !isKeyText(all[name] ?? ''))).toEqual([])
  expect(all['mail-public-key']).toBe(sealingPublicKey(all['mail-private-key'] ?? ''))
})

test('a damaged file of secrets is reported in one sentence and left alone', async () => {
  const cluster = join(folder, 'broken')
  await mkdir(cluster)
  await writeFile(join(cluster, 'secrets.json'), '{"postgres": ')
  const { code, errors } = await run(process.execPath, [maker, cluster], {})
  expect(code).toBe(1)
  expect(errors).toMatch(/^The secrets in .* restore it from a backup\.\n$/)
  expect(await readFile(join(cluster, 'secrets.json'), 'utf8')).toBe('{"postgres": ')
})

test.each([
  ['without docker', null, /^Docker is missing: .*\n$/],
  ['without the plugin', 'exit 1', /^Docker has no compose plugin: .*\n$/],
  ['with an old plugin', 'echo 2.17.3', /^Docker Compose 2\.17\.3 is too old: .*2\.24.*\n$/],
  [
    'while Docker is stopped',
    '[ "$1" = info ] && { echo "Cannot connect to the Docker daemon" >&2; exit 1; }; echo v2.40.3',
    /^Docker is not running: .*\n$/,
  ],
  [
    'with an old engine',
    '[ "$1" = info ] && { echo 24.0.7; exit; }; echo 2.40.3',
    /^Docker 24\.0\.7 is too old: .*25.*\n$/,
  ],
  [
    'without the right to use Docker',
    '[ "$1" = info ] && { echo "permission denied while trying" >&2; exit 1; }; echo 5.1.0',
    /^This user may not use Docker: .*\n$/,
  ],
])(
  'a cluster %s prints one sentence, exits 1 and creates no secrets',
  async (name, docker, sentence) => {
    const machine = await aMachine(join(folder, name), docker)
    const { code, errors, output } = await machine.startup('--cluster')
    expect({ code, output }).toEqual({ code: 1, output: '' })
    expect(errors).toMatch(sentence)
    expect(existsSync(machine.cluster)).toBe(false)
  },
)

test('an unknown profile is named before anything is created', async () => {
  const machine = await aMachine(join(folder, 'profile'), working)
  const { code, errors } = await machine.startup('--cluster', '--profile', 'graphana')
  expect(code).toBe(1)
  expect(errors).toContain("no profile 'graphana': choose from kafka kibana nginx observability.\n")
  expect(await machine.calls()).toEqual([])
})

test('the first start shows the password of the admin, and a later one keeps it without showing it', async () => {
  const machine = await aMachine(join(folder, 'twice'), working)
  const first = await machine.startup('--cluster')
  expect(first.errors).toBe('')
  const password = await readFile(join(machine.cluster, 'secrets/admin-password'), 'utf8')
  expect(first.output).toContain(`admin / ${password.trim()}  (shown only now`)
  expect(first.output).toContain('API         http://localhost:19080\n')
  const before = await readAll(machine.cluster)

  const second = await machine.startup('--cluster')
  expect(second.code).toBe(0)
  expect(second.output).not.toContain(password.trim())
  expect(await readAll(machine.cluster)).toEqual(before)
})

test('profiles are passed to compose, and nginx gets a certificate that is kept', async () => {
  const machine = await aMachine(join(folder, 'nginx'), working)
  const { output } = await machine.startup('--cluster', '--profile', 'nginx', '--profile=kafka')
  expect(output).toContain('TLS ')
  expect(await machine.calls()).toContain(
    'compose --project-name ego --profile nginx --profile kafka up --detach --build --wait --wait-timeout 600 [kafka 9443]',
  )
  const file = join(machine.cluster, 'secrets/tls.crt')
  const certificate = new X509Certificate(await readFile(file))
  expect(certificate.checkHost('localhost')).toBe('localhost')
  const before = await readAll(machine.cluster)
  expect((await machine.startup('--cluster', '--profile', 'nginx')).code).toBe(0)
  expect(await readAll(machine.cluster)).toEqual(before)
})

test('a failed start names the unhealthy containers and the command that shows their logs', async () => {
  const machine = await aMachine(
    join(folder, 'failed'),
    `case "$*" in *" up "*) exit 1;; esac; ${working}`,
  )
  const { code, errors, output } = await machine.startup('--cluster')
  expect(code).toBe(1)
  expect(output).not.toContain('Ego is up')
  expect(errors).toContain('  posts is unhealthy: docker compose -p ego logs posts\n')
  expect(errors).toContain('  bucket ended with exit code 1: docker compose -p ego logs bucket\n')
  expect(errors).not.toMatch(/logs (auth|databases)\n/)
})

test('stopping removes the containers of this project and no volume', async () => {
  const machine = await aMachine(join(folder, 'down'), working)
  const { code, output } = await machine.startup('--down')
  expect(code).toBe(0)
  expect(output).toContain('in the Docker volumes whose names begin with ego_')
  const calls = await machine.calls()
  expect(calls.filter((call) => call.startsWith('compose') && !call.includes('version'))).toEqual([
    'compose --project-name ego --profile kafka --profile kibana --profile nginx --profile observability down [ ]',
  ])
})

async function makeSecrets(cluster: string): Promise<void> {
  expect(await run(process.execPath, [maker, cluster], {})).toEqual({
    code: 0,
    output: '',
    errors: '',
  })
}

async function readAll(cluster: string): Promise<Record<string, string>> {
  const names = await readdir(join(cluster, 'secrets'))
  const read = async (name: string) =>
    [name, (await readFile(join(cluster, 'secrets', name), 'utf8')).trim()] as const
  return Object.fromEntries(await Promise.all(names.map(read)))
}

async function modesOf(cluster: string) {
  const mode = async (path: string) => (await stat(join(cluster, path))).mode & 0o777
  const names = await readdir(join(cluster, 'secrets'))
  const modes = await Promise.all(names.map((name) => mode(join('secrets', name))))
  return {
    folder: await mode('.'),
    store: await mode('secrets.json'),
    secrets: await mode('secrets'),
    files: [...new Set(modes)],
  }
}
