import { isOneLine, isPlainText } from '@ego/kit/http/text'
import { z } from '@hono/zod-openapi'

export const genders = ['male', 'female', 'other'] as const

/** Never changed: readers of one profile may share it. */
export type Profile = {
  readonly userId: number
  readonly username: string
  readonly firstName: string
  readonly lastName: string
  readonly gender: (typeof genders)[number]
  readonly birthday: string
  readonly bio: string
  /** Of the content of the avatar; `null` without one. */
  readonly avatarHash: string | null
  readonly followers: number
  readonly following: number
  readonly createdAt: Date
  /** Its owner has hidden it; nobody else sees it. */
  readonly isHidden: boolean
  /** Staff has disabled the account; nobody sees the profile. */
  readonly isDisabled: boolean
}

/** How one person sees another. */
export type Relation = { followedByMe: boolean; followsMe: boolean }

export function isVisible({ isHidden, isDisabled }: Profile): boolean {
  return !isHidden && !isDisabled
}

const nameCharactersMax = 64
const bioCharactersMax = 256
const birthdayMin = '1900-01-01'

const name = z
  .string()
  .trim()
  .refine(
    (text) => hasLength(text, 1, nameCharactersMax),
    `Use 1 to ${nameCharactersMax} characters.`,
  )
  .refine(isOneLine, 'Use one line of text without control characters.')

export function profileFields(now: () => number) {
  return {
    first_name: name.openapi({ example: 'Test' }),
    last_name: name.openapi({ example: 'Test' }),
    gender: z.enum(genders, `Use one of ${genders.join(', ')}.`),
    birthday: z.iso
      .date('Use a date that exists, as YYYY-MM-DD.')
      .refine((date) => date >= birthdayMin, `Use a date from ${birthdayMin} on.`)
      .refine((date) => date <= latestToday(now), 'Use a date that is not in the future.')
      .openapi({
        example: '2023-07-18',
        description:
          'From 1900-01-01 to today, which is the day in the time zone that is ahead of all others (UTC+14).',
      }),
    bio: z
      .string()
      .refine(
        (text) => hasLength(text, 0, bioCharactersMax),
        `Use up to ${bioCharactersMax} characters.`,
      )
      .refine(isPlainText, 'Use text without control characters.'),
  }
}

// The day in the time zone that is ahead of all others: nobody's today is refused as the future.
function latestToday(now: () => number): string {
  const aheadMs = 14 * 3_600_000
  return new Date(now() + aheadMs).toISOString().slice(0, 10)
}

function hasLength(text: string, min: number, max: number): boolean {
  // A code point takes at most two units; the cheap test spares counting something huge.
  if (text.length > max * 2) return false
  const characters = [...text].length
  return characters >= min && characters <= max
}
