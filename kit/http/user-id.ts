import { z } from '@hono/zod-openapi'

const unknownId = 0

/** The id of a user in a path or a query. A number outside the range of ids becomes one that no account has, so it is not found. */
export const userIdText = z
  .string()
  .regex(/^-?\d+$/, 'Use the number of a user.')
  .transform((text) => {
    const id = Number(text)
    return Number.isSafeInteger(id) && id > 0 ? id : unknownId
  })
  .openapi({ type: 'integer', example: 1 })
