import type { App, AppEnv } from '@ego/kit/http/context'
import { OpenAPIHono } from '@hono/zod-openapi'

/** One operation by itself. A request is made as a user, and rejects with what the operation throws. */
export function mounted(mount: (app: App) => void) {
  const app: App = new OpenAPIHono<AppEnv>()
  app.use(async (c, next) => {
    c.set('requestId', 'request')
    c.set('caller', { userId: Number(c.req.header('as-user')), sessionId: 'session', roles: [] })
    await next()
  })
  app.onError((error) => {
    throw error
  })
  mount(app)
  return async (userId: number, method: string, path: string, body?: object | Uint8Array) => {
    const isJson = body !== undefined && !(body instanceof Uint8Array)
    return app.request(path, {
      method,
      headers: { 'as-user': String(userId), ...(isJson && { 'content-type': 'application/json' }) },
      ...(body && { body: isJson ? JSON.stringify(body) : new Uint8Array(body) }),
    })
  }
}
