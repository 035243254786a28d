import { z } from '@hono/zod-openapi'

/** No account ever has it: what no id can be is the id of nobody. */
const nobody = 0

/** The id of a user in a path or a query; a number that no id can be is found nowhere, as any other unknown one. */
export const userIdText = z
  .string()
  .regex(/^-?\d+$/, 'Use the number of a user.')
  .transform((text) => {
    const id = Number(text)
    return Number.isSafeInteger(id) && id > 0 ? id : nobody
  })
  .openapi({ type: 'integer', example: 1 })
