import { isDeadlock } from '@ego/kit/postgres/errors'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'

const deadlocksMax = 2

/**
 * For what gives an account another name or address. Two who take each other's at the same moment wait in a circle, as
 * each keeps the old one until it commits; the one that Postgres gives up comes after the other. The work may run again,
 * so it must change nothing but rows.
 */
export async function beginExchange<T>(sql: Sql, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let deadlocks = 0; ; deadlocks += 1) {
    try {
      return await sql.begin(work)
    } catch (error) {
      if (deadlocks === deadlocksMax || !isDeadlock(error)) throw error
    }
  }
}
