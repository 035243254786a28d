import { z } from 'zod'

const address = z.email().max(254)
// No spaces and nothing beyond ASCII, so that it can be copied out of a mail whatever shows it.
const visibleAscii = /^[\x21-\x7e]+$/
const token = z.string().max(512).regex(visibleAscii)
// Checked as it is before the parser may mend it: a mail program may read what it mends in another way.
const link = z
  .string()
  .max(2_048)
  .regex(/^[^\P{ASCII}\p{Cc}\s"'<>\\^`{|}]+$/u)
  .pipe(z.url({ protocol: /^https?$/ }))

/** What another service sealed for us. The texts that people or their devices chose are cleaned for showing. */
export const privatePart = z.object({
  to: address,
  username: z.string().transform(shown).pipe(z.string().min(1)),
  token: token.optional(),
  link: link.optional(),
  device: z.string().transform(shown).optional(),
  ip: z.string().transform(shown).optional(),
  new_email: address.optional(),
  at: z.iso.datetime({ offset: true }).optional(),
})

export type PrivatePart = z.output<typeof privatePart>

const charactersMax = 200
// Line breaks would add lines of their own to a mail; the direction marks would reorder what stands beside the name.
const unseen = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

function shown(text: string): string {
  const characters = [...text.replace(unseen, ' ').trim()]
  if (characters.length <= charactersMax) return characters.join('')
  return `${characters.slice(0, charactersMax - 1).join('')}…`
}
