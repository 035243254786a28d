import { json } from 'node:stream/consumers'
import { z } from 'zod'

/** The other end of `runJob`: reads the job, does it, and tells the result. */
export async function serveJob<Job>(
  schema: z.ZodType<Job>,
  work: (job: Job) => Promise<unknown>,
): Promise<void> {
  const job = schema.parse(await json(process.stdin))
  process.stdout.write(JSON.stringify(await work(job)))
}

/** What a program that does one thing again and again has achieved. */
export const doneSchema = z.object({ count: z.int(), seconds: z.number() })

/** So many at the same time, each begun as soon as one has ended, until the time is over. */
export async function repeatFor(
  seconds: number,
  clients: number,
  work: (client: number) => Promise<void>,
): Promise<z.output<typeof doneSchema>> {
  const begin = performance.now()
  const end = begin + seconds * 1000
  let count = 0
  const client = async (_: unknown, index: number) => {
    while (performance.now() < end) {
      await work(index)
      count += 1
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  return { count, seconds: (performance.now() - begin) / 1000 }
}
