import type { Logger } from 'pino'
import type { z } from 'zod'
import type { Exchange, Reply } from '../http/exchange.ts'
import type { Metrics } from '../monitoring/metrics.ts'
import type { TransportTo } from '../upstream/transport.ts'

/** A step returns nothing to let the request pass, or the reply that ends it. */
export type Step = (exchange: Exchange) => undefined | Reply | Promise<undefined | Reply>

/** What one configured plugin does in each phase; a phase that it leaves out costs nothing. */
export type PluginSteps = {
  rewrite?: Step
  access?: Step
  headerFilter?: (exchange: Exchange, reply: Reply) => void
  log?: (exchange: Exchange, status: number) => void
}

/** What the engine gives to plugins. */
export type PluginContext = {
  readonly log: Logger
  readonly now: () => number
  readonly metrics: Metrics
  readonly transportTo: TransportTo
  /** State that outlives a reload of the file, as long as the same place has the same settings. */
  readonly keep: <T>(name: string, create: () => T) => T
}

export type Plugin<Schema extends z.ZodType = z.ZodType> = {
  readonly name: string
  /** APISIX's own: higher runs first within a phase. */
  readonly priority: number
  readonly schema: Schema
  /** A route's instance switches the global one off (APISIX's `run_policy = prefer_route`). */
  readonly prefersRoute?: boolean
  /** It answers by itself, so that its route needs no upstream. */
  readonly needsNoUpstream?: boolean
  create(settings: z.output<Schema>, context: PluginContext): PluginSteps
}

/** Keeps the schema's type from the definition to `create` without repeating it. */
export function definePlugin<Schema extends z.ZodType>(plugin: Plugin<Schema>): Plugin<Schema> {
  return plugin
}
