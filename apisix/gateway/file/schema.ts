import { z } from 'zod'
import type { Plugin } from '../plugins/plugin.ts'
import { plugins } from '../plugins/registry.ts'
import { idSchema, namedUpstreamSchema, timeoutSchema, upstreamSchema } from '../upstream/schema.ts'
import { expressionSchema } from '../variables/expression.ts'

/**
 * apisix.yaml as this engine understands it. Objects are strict everywhere: APISIX takes an unknown
 * key silently, so a typo would switch a protection off without notice.
 */

const metaSchema = z.strictObject({
  disable: z.boolean().default(false),
  priority: z.int().optional(),
})

type ConfiguredPlugin = {
  plugin: Plugin
  meta: z.output<typeof metaSchema>
  settings: unknown
}
/** By the plugin's name. */
export type PluginMap = Record<string, ConfiguredPlugin | undefined>

const pluginsSchema: z.ZodType<PluginMap> = z.strictObject(
  Object.fromEntries(plugins.map((plugin) => [plugin.name, withMeta(plugin).optional()])),
)

/** Every plugin takes `_meta`, which the plugin's own strict schema does not see. */
function withMeta(plugin: Plugin) {
  return z.unknown().transform((value, context) => {
    const { _meta, ...own } = z.record(z.string(), z.unknown()).catch({}).parse(value)
    const meta = metaSchema.safeParse(_meta ?? {})
    const settings = plugin.schema.safeParse(isObject(value) ? own : value)
    for (const issue of meta.error?.issues ?? []) {
      context.issues.push({ ...issue, input: value, path: ['_meta', ...issue.path] } as never)
    }
    for (const issue of settings.error?.issues ?? []) {
      context.issues.push({ ...issue, input: value } as never)
    }
    if (!meta.success || !settings.success) return z.NEVER
    return { plugin, meta: meta.data, settings: settings.data }
  })
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const name = z.string().min(1).max(100).optional()
const desc = z.string().max(256).optional()
const labels = z.record(z.string(), z.string().regex(/^\S{1,64}$/)).optional()
const host = z.string().regex(/^\*?[0-9a-zA-Z._-]+$/, 'is not a host name')
const method = z.enum(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'])

/** `*` may stand at the end, `:name` for a whole segment (router radixtree_uri_with_parameter). */
const uri = z
  .string()
  .max(4096)
  .regex(/^\/[^*]*\*?$/, 'must start with / and may have one * at its end')
  .refine((value) => !/[^/]:/.test(value), 'may use : only at the start of a segment')

const routeSchema = z
  .strictObject({
    id: idSchema,
    name,
    desc,
    labels,
    status: z.union([z.literal(0), z.literal(1)]).default(1),
    uri: uri.optional(),
    uris: z.array(uri).min(1).optional(),
    host: host.optional(),
    hosts: z.array(host).min(1).optional(),
    methods: z.array(method).min(1).optional(),
    priority: z.int().default(0),
    vars: expressionSchema.optional(),
    timeout: timeoutSchema.optional(),
    plugins: pluginsSchema.optional(),
    service_id: idSchema.optional(),
    upstream_id: idSchema.optional(),
    upstream: upstreamSchema.optional(),
  })
  .refine((route) => (route.uri === undefined) !== (route.uris === undefined), {
    message: 'needs either uri or uris',
  })
  .refine((route) => route.host === undefined || route.hosts === undefined, {
    message: 'takes host or hosts, not both',
  })

const serviceSchema = z.strictObject({
  id: idSchema,
  name,
  desc,
  labels,
  hosts: z.array(host).min(1).optional(),
  plugins: pluginsSchema.optional(),
  upstream_id: idSchema.optional(),
  upstream: upstreamSchema.optional(),
})

const globalRuleSchema = z.strictObject({ id: idSchema, plugins: pluginsSchema })

export const gatewayFileSchema = z.strictObject({
  routes: z.array(routeSchema).min(1),
  services: z.array(serviceSchema).default([]),
  upstreams: z.array(namedUpstreamSchema).default([]),
  global_rules: z.array(globalRuleSchema).default([]),
})

export type GatewayFile = z.output<typeof gatewayFileSchema>
export type RouteSettings = GatewayFile['routes'][number]
