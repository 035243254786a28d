import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aMachine, working } from './machine.ts'

const scripts = [
  'scripts/startup.sh',
  'cluster/cluster.sh',
  'cluster/secrets.mjs',
  'contracts/services.json',
]

let folder = ''

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'ego start ')))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('settings are read from .env, like those of compose', async () => {
  const { machine, script, root } = await aRepository('settings')
  const lines = [
    'EGO_TLS_PORT=1',
    'EGO_TLS_PORT=9999',
    'EGO_CLUSTER="kept here"',
    'EGO_EVENTS=kafka',
  ]
  await writeFile(join(root, '.env'), [...lines, "ADMIN_USERNAME='root'", ''].join('\n'))
  const { errors, output } = await machine.run(
    script,
    ['--cluster', '--profile', 'nginx', '--profile', 'kafka'],
    {},
  )
  expect(errors).toBe('')
  expect(output).toMatch(/Admin {7}root \/ [0-9a-f]{32} /)
  expect(existsSync(join(root, 'kept here/secrets.json'))).toBe(true)
  expect((await machine.calls()).find((call) => call.includes(' up '))).toMatch(/\[kafka 9999\]$/)
})

test('the environment takes precedence over .env', async () => {
  const { machine, script, root } = await aRepository('environment')
  await writeFile(join(root, '.env'), 'EGO_EVENTS=kafka\n')
  const { code } = await machine.run(script, ['--cluster'], { EGO_EVENTS: 'rabbitmq' })
  expect(code).toBe(0)
  expect((await machine.calls()).find((call) => call.includes(' up '))).toMatch(/\[rabbitmq \]$/)
})

test.each([
  ['kafka', 'EGO_EVENTS is kafka, which only runs with --profile kafka.\n'],
  ['nats', "EGO_EVENTS is 'nats': choose rabbitmq or kafka.\n"],
])('a broker that would not run is reported in one sentence: %s', async (broker, sentence) => {
  const { machine, script } = await aRepository(broker)
  const { code, errors } = await machine.run(script, ['--cluster'], { EGO_EVENTS: broker })
  expect({ code, errors }).toEqual({ code: 1, errors: sentence })
  expect(await machine.calls()).toEqual([])
})

test('volumes without their secrets are refused', async () => {
  const docker = `case "$*" in 'volume ls'*) echo ego_postgres; exit ;; esac; ${working}`
  const { machine, script, root } = await aRepository('volumes', docker)
  const { code, errors } = await machine.run(script, ['--cluster'], {})
  expect(code).toBe(1)
  expect(errors).toMatch(/^There are volumes of an earlier cluster, .*put them back.*\n$/)
  expect(existsSync(join(root, '.cluster'))).toBe(false)
})

test.each(['--cluster', '--down'])(
  '%s leaves the containers of another copy of the repository alone',
  async (option) => {
    const docker = `case "$*" in 'ps --all'*) echo /srv/ego; exit ;; esac; ${working}`
    const { machine, script } = await aRepository(`other ${option}`, docker)
    const { code, errors } = await machine.run(script, [option], {})
    expect(code).toBe(1)
    expect(errors).toMatch(/^The containers named ego belong to \/srv\/ego: .*\n$/)
    expect((await machine.calls()).filter((call) => / (up|down) /.test(call))).toEqual([])
  },
)

test('its own containers are started again', async () => {
  const { machine, script } = await aRepository(
    'own',
    `case "$*" in 'ps --all'*) echo "$PWD"; exit ;; esac; ${working}`,
  )
  expect((await machine.run(script, ['--cluster'], {})).code).toBe(0)
})

test.each([
  [['--cluster', '--data', 'x'], /^--data does not go with --cluster and --down: .*\n$/],
  [['--down', '--data=x'], /^--data does not go with --cluster and --down: .*\n$/],
  [['--down', '--profile', 'kafka'], /^--profile goes with --cluster\.\n$/],
  [['--profile', 'kafka'], /^--profile goes with --cluster\.\n$/],
  [['--data', '--cluster'], /^--data takes the path of a folder\.\n$/],
])('options that would be ignored are refused in one sentence: %j', async (options, sentence) => {
  const { machine, script } = await aRepository(options.join(' '))
  const { code, errors } = await machine.run(script, options, {})
  expect(code).toBe(1)
  expect(errors).toMatch(sentence)
  expect(await machine.calls()).toEqual([])
})

test.each([[['--cluster', '--down']], [['--down', '--cluster']]])(
  '%j stops the cluster and does not start it',
  async (options) => {
    const { machine, script } = await aRepository(options.join(' '))
    expect((await machine.run(script, options, {})).code).toBe(0)
    const calls = await machine.calls()
    expect(calls.filter((call) => / (up|down) /.test(call))).toEqual([
      expect.stringContaining(' down '),
    ])
  },
)

/** A repository with only the scripts. */
async function aRepository(name: string, docker = working) {
  const root = join(folder, name)
  for (const name of ['scripts', 'cluster', 'contracts'])
    await mkdir(join(root, name), { recursive: true })
  for (const script of scripts) {
    const source = fileURLToPath(new URL(`../../${script}`, import.meta.url))
    await copyFile(source, join(root, script))
  }
  const machine = await aMachine(join(root, 'machine'), docker)
  return { root, machine, script: join(root, 'scripts/startup.sh') }
}
