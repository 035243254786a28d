import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const serviceSchema = z.object({
  image: z.string().optional(),
  build: z.object({ target: z.string(), args: z.object({ SERVICE: z.string() }) }).optional(),
  command: z.union([z.string(), z.array(z.string())]).optional(),
  entrypoint: z.array(z.string()).optional(),
  labels: z.record(z.string(), z.string()).default({}),
  profiles: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).default({}),
  secrets: z
    .array(z.union([z.string(), z.object({ source: z.string(), target: z.string() })]))
    .default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  network_mode: z.string().optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  restart: z.string(),
  mem_limit: z.string(),
  logging: z.object({ options: z.object({ 'max-size': z.string(), 'max-file': z.string() }) }),
  security_opt: z.array(z.string()),
  cap_drop: z.array(z.string()).default([]),
  read_only: z.boolean().default(false),
  init: z.boolean().default(false),
  pids_limit: z.number().optional(),
  stop_grace_period: z.string().default('10s'),
})

const schema = z.object({
  services: z.record(z.string(), serviceSchema),
  networks: z.record(z.string(), z.object({ internal: z.boolean() }).nullable()),
  volumes: z.record(z.string(), z.null()),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
})

export type Container = z.output<typeof serviceSchema>

export const text = readFileSync(`${root}/docker-compose.yml`, 'utf8')
export const compose = schema.parse(parse(text, { merge: true }))
export const containers = Object.entries(compose.services)

/** A container that runs once and ends. */
export function isJob({ restart }: Container): boolean {
  return restart === 'no'
}

/** Replaces `${NAME:-default}` as if nothing were set; a default may contain another one. */
export function filled(value: string): string {
  const once = value.replace(/\$\{[A-Z_]+:-([^${}]*)\}/g, '$1')
  return once === value ? value : filled(once)
}

/** The path of each secret in a container, with the name of the secret. */
export function secretsOf({ secrets }: Container): Map<string, string> {
  return new Map(
    secrets.map((secret) =>
      typeof secret === 'string'
        ? [`/run/secrets/${secret}`, secret]
        : [secret.target, secret.source],
    ),
  )
}

export function isThere(path: string): boolean {
  return existsSync(`${root}/${path}`)
}

/** The text of all files in a folder that are not tests. */
export function sourcesIn(folder: string): string {
  return readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.(slow-)?test\.ts$/.test(name))
    .map((name) => readFileSync(`${root}/${folder}/${name}`, 'utf8'))
    .join('\n')
}
