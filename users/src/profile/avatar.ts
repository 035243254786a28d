import { z } from '@hono/zod-openapi'

/** The edge of the squares that are made of an upload, in pixels. */
export const avatarSizes = [64, 256, 512] as const
export type AvatarSize = (typeof avatarSizes)[number]

export type Avatar = { userId: number; avatarHash: string }

type MaybeAvatar = { userId: number; avatarHash: string | null }

export function findAvatar({ userId, avatarHash }: MaybeAvatar): Avatar | null {
  return avatarHash === null ? null : { userId, avatarHash }
}

export function avatarUrl(person: MaybeAvatar): string | null {
  const avatar = findAvatar(person)
  return avatar && urlOf(avatar)
}

/** The hash of what is served is in it, so what is behind it never changes. */
function urlOf({ userId, avatarHash }: Avatar): string {
  return `/users/${userId}/avatar?v=${avatarHash}`
}

export const avatarSchema = z
  .object({
    url: z.string().openapi({ example: '/users/7/avatar?v=3ZkP0dJ4YcQ1vX' }),
    sizes: z.record(z.enum(['64', '256', '512']), z.string()).openapi({
      description: 'The edge in pixels, and where that square is.',
      example: {
        64: '/users/7/avatar?v=3ZkP0dJ4YcQ1vX&size=64',
        256: '/users/7/avatar?v=3ZkP0dJ4YcQ1vX&size=256',
        512: '/users/7/avatar?v=3ZkP0dJ4YcQ1vX&size=512',
      },
    }),
  })
  .openapi('Avatar')

export function avatarView({ userId, avatarHash }: Avatar): z.output<typeof avatarSchema> {
  const url = urlOf({ userId, avatarHash })
  return { url, sizes: { 64: `${url}&size=64`, 256: `${url}&size=256`, 512: `${url}&size=512` } }
}
