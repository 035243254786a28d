import { verify } from '@node-rs/argon2'
import { z } from 'zod'
import { repeatFor, serveJob } from '../platform/job.ts'

const job = z.object({
  hash: z.string(),
  password: z.string(),
  clients: z.int(),
  seconds: z.number(),
})

/** Nothing but the hashing that a login cannot do without. */
await serveJob(job, ({ hash, password, clients, seconds }) =>
  repeatFor(seconds, clients, async () => {
    if (!(await verify(hash, password))) throw new Error('The hash is of another password.')
  }),
)
