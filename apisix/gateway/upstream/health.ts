import type { Logger } from 'pino'
import { discard } from '../http/respond.ts'
import type { ActiveCheck } from './schema.ts'
import { UpstreamFailure } from './transport.ts'
import type { Node } from './upstream.ts'

type Result = 'success' | 'http_failure' | 'tcp_failure' | 'timeout'

/** Checks every node on a schedule and keeps `node.isHealthy`. Stops when disposed. */
export function startChecks(nodes: readonly Node[], check: ActiveCheck, log: Logger): Disposable {
  const stops = new DisposableStack()
  for (const node of nodes) stops.defer(startCheck(node, check, log))
  return stops
}

function startCheck(node: Node, check: ActiveCheck, log: Logger): () => void {
  const record = createRecorder(node, check, log)
  let isStopped = false
  let timer: NodeJS.Timeout
  const schedule = () => {
    const seconds = node.isHealthy ? check.healthy.interval : check.unhealthy.interval
    timer = setTimeout(() => void run(), seconds * 1000)
    timer.unref()
  }
  async function run(): Promise<void> {
    const result = await ask(node, check)
    // The check may have been under way when it was stopped.
    if (isStopped) return
    record(result)
    schedule()
  }
  schedule()
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}

/** Enough equal results in a row change the health of the node. */
function createRecorder(node: Node, check: ActiveCheck, log: Logger): (result: Result) => void {
  const needed: Record<Result, number> = {
    success: check.healthy.successes,
    http_failure: check.unhealthy.http_failures,
    tcp_failure: check.unhealthy.tcp_failures,
    timeout: check.unhealthy.timeouts,
  }
  let last: Result | null = null
  let inARow = 0
  return (result) => {
    inARow = result === last ? inARow + 1 : 1
    last = result
    const isHealthy = result === 'success'
    if (inARow < needed[result] || node.isHealthy === isHealthy) return
    node.isHealthy = isHealthy
    log.warn({ node: node.transport.name, result }, isHealthy ? 'node is back' : 'node is ill')
  }
}

async function ask({ transport }: Node, check: ActiveCheck): Promise<Result> {
  try {
    const reply = await transport.send({
      method: 'GET',
      path: check.http_path,
      fields: ['host', check.host ?? transport.name],
      body: null,
      readMs: check.timeout * 1000,
      exchange: null,
    })
    discard(reply.body)
    return check.healthy.http_statuses.includes(reply.status) ? 'success' : 'http_failure'
  } catch (error) {
    return error instanceof UpstreamFailure && error.kind === 'timeout' ? 'timeout' : 'tcp_failure'
  }
}
