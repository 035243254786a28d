import { z } from '@hono/zod-openapi'
import { avatarSchema, avatarView, findAvatar } from './avatar.ts'
import { genders, type Profile, type Relation } from './profile.ts'

const fields = {
  user_id: z.int(),
  username: z.string(),
  first_name: z.string(),
  last_name: z.string(),
  gender: z.enum(genders),
  birthday: z.iso.date(),
  bio: z.string(),
  // Not nullable(): the document would say of the shared schema, and so of every upload, that it may be null.
  avatar: z.union([avatarSchema, z.null()]),
  followers: z.int(),
  following: z.int(),
  created_at: z.iso.datetime(),
}

const forMembers = { description: 'Only in the answer to a member.' }

export const profileSchema = z
  .object({
    ...fields,
    followed_by_me: z.boolean().optional().openapi(forMembers),
    follows_me: z.boolean().optional().openapi(forMembers),
  })
  .openapi('Profile')

export const ownProfileSchema = z
  .object({
    ...fields,
    hidden: z.boolean().openapi({ description: 'Nobody else sees it. POST /users/me/restore.' }),
  })
  .openapi('OwnProfile')

export function profileView(profile: Profile, relation: Relation | null) {
  return {
    ...toFields(profile),
    ...(relation && {
      followed_by_me: relation.followedByMe,
      follows_me: relation.followsMe,
    }),
  }
}

export function ownProfileView(profile: Profile): z.output<typeof ownProfileSchema> {
  return { ...toFields(profile), hidden: profile.isHidden }
}

function toFields(profile: Profile) {
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
