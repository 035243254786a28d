import { clientControl } from './client-control.ts'
import { cors } from './cors.ts'
import { faultInjection } from './fault-injection.ts'
import { forwardAuth } from './forward-auth.ts'
import { ipRestriction } from './ip-restriction.ts'
import { limitCount } from './limit-count.ts'
import type { Plugin } from './plugin.ts'
import { prometheus } from './prometheus.ts'
import { proxyRewrite } from './proxy-rewrite.ts'
import { redirect } from './redirect.ts'
import { requestId } from './request-id.ts'
import { responseRewrite } from './response-rewrite.ts'

/** A new plugin is a file in this folder and a line below. */
export const plugins: readonly Plugin[] = [
  clientControl,
  cors,
  faultInjection,
  forwardAuth,
  ipRestriction,
  limitCount,
  prometheus,
  proxyRewrite,
  redirect,
  requestId,
  responseRewrite,
]
