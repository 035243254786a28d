import type { Logger } from 'pino'
import type { z } from 'zod'
import { discard } from '../http/respond.ts'
import type { activeCheckSchema } from './schema.ts'
import { UpstreamFailure } from './transport.ts'
import type { Node } from './upstream.ts'

export type ActiveCheck = z.output<typeof activeCheckSchema>

type Verdict = 'success' | 'http_failure' | 'tcp_failure' | 'timeout'

/** Asks every node for its health on a schedule and keeps `node.isHealthy`. Stops when disposed. */
export function startChecks(nodes: readonly Node[], check: ActiveCheck, log: Logger): Disposable {
  const stops = nodes.map((node) => watchNode(node, check, log))
  return {
    [Symbol.dispose]() {
      for (const stop of stops) stop()
    },
  }
}

function watchNode(node: Node, check: ActiveCheck, log: Logger): () => void {
  const judge = createJudge(node, check, log)
  let isStopped = false
  let timer: NodeJS.Timeout
  const again = () => {
    const seconds = node.isHealthy ? check.healthy.interval : check.unhealthy.interval
    timer = setTimeout(() => void look(), seconds * 1000)
    timer.unref()
  }
  async function look(): Promise<void> {
    const verdict = await ask(node, check)
    // The check may have been under way when it was stopped.
    if (isStopped) return
    judge(verdict)
    again()
  }
  again()
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}

/** A row of equal verdicts changes the node's state; any other verdict starts the row anew. */
function createJudge(node: Node, check: ActiveCheck, log: Logger): (verdict: Verdict) => void {
  const needed: Record<Verdict, number> = {
    success: check.healthy.successes,
    http_failure: check.unhealthy.http_failures,
    tcp_failure: check.unhealthy.tcp_failures,
    timeout: check.unhealthy.timeouts,
  }
  let last: Verdict | null = null
  let inARow = 0
  return (verdict) => {
    inARow = verdict === last ? inARow + 1 : 1
    last = verdict
    const isHealthy = verdict === 'success'
    if (inARow < needed[verdict] || node.isHealthy === isHealthy) return
    node.isHealthy = isHealthy
    log.warn({ node: node.transport.name, verdict }, isHealthy ? 'node is back' : 'node is ill')
  }
}

async function ask(node: Node, check: ActiveCheck): Promise<Verdict> {
  const timeoutMs = check.timeout * 1000
  try {
    const reply = await node.transport.send({
      method: 'GET',
      path: check.http_path,
      fields: ['host', check.host ?? node.transport.name],
      body: null,
      readMs: timeoutMs,
      exchange: null,
    })
    discard(reply.body)
    if (check.healthy.http_statuses.includes(reply.status)) return 'success'
    return 'http_failure'
  } catch (error) {
    return error instanceof UpstreamFailure && error.kind === 'timeout' ? 'timeout' : 'tcp_failure'
  }
}
