import { isOneLine, isPlainText } from '@ego/kit/http/text'
import { z } from '@hono/zod-openapi'

export const genders = ['male', 'female', 'other'] as const

const nameCharactersMax = 64
const bioCharactersMax = 256
const birthdayMin = '1900-01-01'

/** What people tell about themselves: the fields of a request that creates or changes a profile. */
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

type Schemas = ReturnType<typeof profileFields>

export type ProfileBody = { [Name in keyof Schemas]: z.output<Schemas[Name]> }

/** The fields under our names. They follow from the schemas, so that the stores and the answers have to know each one. */
export type ProfileFields = {
  readonly [Name in keyof ProfileBody as CamelCase<Name>]: ProfileBody[Name]
}

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name

type PartOf<Whole> = { [Name in keyof Whole]?: Whole[Name] | undefined }

/** A field that is `undefined` stays as it is. */
export type ProfileChange = PartOf<ProfileFields>

/** From the names of the API to ours, for all fields or for some of them. */
export function toFields(body: ProfileBody): ProfileFields
export function toFields(body: PartOf<ProfileBody>): ProfileChange
export function toFields(body: PartOf<ProfileBody>): {
  [Name in keyof ProfileFields]: ProfileFields[Name] | undefined
} {
  return {
    firstName: body.first_name,
    lastName: body.last_name,
    gender: body.gender,
    birthday: body.birthday,
    bio: body.bio,
  }
}

const name = z
  .string()
  .trim()
  .refine(
    (text) => hasLength(text, 1, nameCharactersMax),
    `Use 1 to ${nameCharactersMax} characters.`,
  )
  .refine(isOneLine, 'Use one line of text without control characters.')

/** In the time zone that is ahead of all others, so that no today is refused as the future. */
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
