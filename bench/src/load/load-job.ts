import { z } from 'zod'

const headers = z.record(z.string(), z.string())

/** Who asks what, again and again; each connection takes the next of what is listed. */
const workSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('get'), path: z.string(), headers }),
  z.object({ kind: z.literal('login'), names: z.array(z.string()), password: z.string() }),
  /** At least one for each connection, which goes on with the one that it gets. */
  z.object({ kind: z.literal('refresh'), refreshTokens: z.array(z.string()) }),
  z.object({ kind: z.literal('post'), accessTokens: z.array(z.string()) }),
])

export const loadJobSchema = z.object({
  url: z.string(),
  connections: z.int(),
  seconds: z.number(),
  work: workSchema,
})

export type Work = z.output<typeof workSchema>
export type LoadJob = z.output<typeof loadJobSchema>
