export type Gathering<Wanted, Found> = {
  /** Asks for all of them at once; answers what was found for each. */
  many(wanted: readonly Wanted[]): Promise<(one: Wanted) => Found>
  batchMax?: number
  /** How many questions may be under way. More than one, so that a slow one does not hold up everybody. */
  runningMax?: number
}

type Waiting<Wanted, Found> = PromiseWithResolvers<Found> & { one: Wanted }

/**
 * Asks for many in one statement, for to reach the database costs more than what it does there: what is wanted in one turn
 * of the event loop, or while enough questions are under way, is asked for together.
 */
export function gathered<Wanted, Found>({
  many,
  batchMax = 100,
  runningMax = 2,
}: Gathering<Wanted, Found>): (one: Wanted) => Promise<Found> {
  const waiting: Waiting<Wanted, Found>[] = []
  let running = 0

  function start(): void {
    while (running < runningMax && waiting.length > 0) void ask(waiting.splice(0, batchMax))
  }

  async function ask(batch: readonly Waiting<Wanted, Found>[]): Promise<void> {
    running += 1
    try {
      const find = await many(batch.map(({ one }) => one))
      for (const { one, resolve } of batch) resolve(find(one))
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
    running -= 1
    start()
  }

  return (one) => {
    const asked = { ...Promise.withResolvers<Found>(), one }
    if (waiting.push(asked) === 1) setImmediate(start)
    return asked.promise
  }
}
