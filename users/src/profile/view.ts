import { z } from '@hono/zod-openapi'
import { avatarSchema, avatarView, findAvatar } from './avatar.ts'
import { genders, type ProfileBody } from './fields.ts'
import type { Profile, Relation } from './profile.ts'

const told = {
  first_name: z.string(),
  last_name: z.string(),
  gender: z.enum(genders),
  birthday: z.iso.date(),
  bio: z.string(),
} satisfies Record<keyof ProfileBody, z.ZodType>

const shown = z.object({
  user_id: z.int(),
  username: z.string(),
  ...told,
  // Not nullable(): the document would say of the shared schema, and so of every upload, that it may be null.
  avatar: z.union([avatarSchema, z.null()]),
  followers: z.int(),
  following: z.int(),
  created_at: z.iso.datetime(),
})

const forMembers = { description: 'Only in the answer to a member.' }

export const profileSchema = shown
  .extend({
    followed_by_me: z.boolean().optional().openapi(forMembers),
    follows_me: z.boolean().optional().openapi(forMembers),
  })
  .openapi('Profile')

export const ownProfileSchema = shown
  .extend({
    hidden: z.boolean().openapi({ description: 'No other user sees it. POST /users/me/restore.' }),
  })
  .openapi('OwnProfile')

export const notModified = {
  304: { description: 'You have just this: the ETag is the same.' },
}

type View = z.output<typeof profileSchema>

export function profileView(profile: Profile, relation: Relation | null): View {
  if (!relation) return toShown(profile)
  const { followedByMe, followsMe } = relation
  return { ...toShown(profile), followed_by_me: followedByMe, follows_me: followsMe }
}

export function ownProfileView(profile: Profile): z.output<typeof ownProfileSchema> {
  return { ...toShown(profile), hidden: profile.isHidden }
}

function toShown(profile: Profile): z.output<typeof shown> {
  const avatar = findAvatar(profile)
  return {
    user_id: profile.userId,
    username: profile.username,
    first_name: profile.firstName,
    last_name: profile.lastName,
    gender: profile.gender,
    birthday: profile.birthday,
    bio: profile.bio,
    avatar: avatar && avatarView(avatar),
    followers: profile.followers,
    following: profile.following,
    created_at: profile.createdAt.toISOString(),
  }
}
