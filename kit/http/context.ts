import type { HttpBindings } from '@hono/node-server'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Caller } from './identity/caller.ts'

/** What every handler and middleware of a service finds in its context. */
export type AppEnv = {
  Bindings: Partial<HttpBindings>
  Variables: { requestId: string; caller: Caller | null }
}

export type App = OpenAPIHono<AppEnv>
export type AppContext = Context<AppEnv>
