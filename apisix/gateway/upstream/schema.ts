import { z } from 'zod'

/** APISIX's schemas of an upstream, as far as this engine implements them; other keys are refused. */

const host = z.string().regex(/^[0-9a-zA-Z._-]+$/, 'is not a host name')
const seconds = z.number().positive()
const times = z.int().min(1).max(254)
const statuses = z.array(z.int().min(200).max(599)).min(1)

export const timeoutSchema = z
  .strictObject({ connect: seconds, send: seconds, read: seconds })
  .refine((timeout) => timeout.send === timeout.read, {
    message: 'send must equal read: this engine measures one silence for both',
    path: ['send'],
  })

export const activeCheckSchema = z.strictObject({
  type: z.literal('http').default('http'),
  timeout: seconds.default(1),
  host: host.optional(),
  http_path: z.string().startsWith('/').default('/'),
  healthy: z
    .strictObject({
      interval: z.int().min(1).default(1),
      http_statuses: statuses.default([200, 302]),
      successes: times.default(2),
    })
    .prefault({}),
  unhealthy: z
    .strictObject({
      interval: z.int().min(1).default(1),
      http_failures: times.default(5),
      tcp_failures: times.default(2),
      timeouts: times.default(3),
    })
    .prefault({}),
})

export type ActiveCheck = z.output<typeof activeCheckSchema>

const nodeSchema = z.strictObject({
  host,
  port: z.int().min(1).max(65_535),
  weight: z.int().min(0),
  priority: z.int().default(0),
})

const byAddress = z
  .record(z.string().regex(/^[0-9a-zA-Z._-]+:\d{1,5}$/, 'is not host:port'), z.int().min(0))
  .transform((weights) =>
    Object.entries(weights).map(([address, weight]) => {
      const [name = '', port] = address.split(':')
      return { host: name, port: Number(port), weight, priority: 0 }
    }),
  )

export const upstreamSchema = z.strictObject({
  name: z.string().min(1).max(100).optional(),
  desc: z.string().max(256).optional(),
  type: z.literal('roundrobin').default('roundrobin'),
  scheme: z.literal('http').default('http'),
  nodes: z.array(nodeSchema).min(1).or(byAddress),
  retries: z.int().min(0).optional(),
  /** nginx's defaults. */
  timeout: timeoutSchema.default({ connect: 60, send: 60, read: 60 }),
  pass_host: z.literal('pass').default('pass'),
  checks: z.strictObject({ active: activeCheckSchema }).optional(),
})
export type UpstreamSettings = z.output<typeof upstreamSchema>

export const idSchema = z
  .string()
  .regex(/^[a-zA-Z0-9_.-]{1,64}$/, 'is not an id')
  .or(z.int().min(1).transform(String))

export const namedUpstreamSchema = upstreamSchema.extend({ id: idSchema })
