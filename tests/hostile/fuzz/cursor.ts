import { z } from 'zod'
import { forgedPositions } from './known.ts'
import { type Facts, jsonOf, type People } from './people.ts'

const page = z.object({ next_cursor: z.string() })

/** Reads the cursor of the second page of a list, and makes numbered forgeries of it. */
export async function readCursor(
  { call }: Pick<People, 'call'>,
  path: string,
  token: string | undefined,
): Promise<Facts> {
  const answer = await call('GET', `${path}?limit=1`, { token })
  const { next_cursor: text } = page.parse(jsonOf(answer))
  const position = Buffer.from(text, 'base64url').toString()
  const forged = forgedPositions.map((part, at) => [
    at,
    Buffer.from(position.replace(/[^ ]*$/, () => part)).toString('base64url'),
  ])
  return { ...Object.fromEntries(forged), text }
}
