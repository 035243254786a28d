import { fromCursor, toCursor, toPage } from '@ego/kit/http/page'
import { Problem } from '@ego/kit/http/problem'
import { z } from 'zod'
import { forgetting, type ProfileCache } from '../profile/cache.ts'
import { isVisible } from '../profile/profile.ts'
import { profileNotFound, userNotFound } from '../profile/use-cases.ts'
import type { FollowList, FollowStore } from './store.ts'

type Deps = { follows: FollowStore; cache: ProfileCache }

// Both forget also when nothing changed: the request that did may not have forgotten yet, or may have died before it could.

export function followUser({ follows, cache }: Deps) {
  return async (followerId: number, followedId: number, requestId: string): Promise<void> => {
    if (followerId === followedId) throw cannotFollowYourself()
    const work = () => follows.follow(followerId, followedId, requestId)
    const outcome = await forgetting(cache, [followerId, followedId], work)
    if (outcome === 'no_profile') throw profileNotFound()
    if (outcome === 'not_found') throw userNotFound()
  }
}

/** Fine for somebody who was never followed, but not for somebody who is not there; a hidden one cannot be told from that. */
export function unfollowUser({ follows, cache }: Deps) {
  return async (followerId: number, followedId: number, requestId: string): Promise<void> => {
    if (followerId === followedId) throw cannotFollowYourself()
    const work = () => follows.unfollow(followerId, followedId, requestId)
    const hasEnded = await forgetting(cache, [followerId, followedId], work)
    if (hasEnded) return
    const profile = await cache.find(followedId)
    if (!profile || !isVisible(profile)) throw userNotFound()
  }
}

export type FollowListRequest = Omit<FollowList, 'before'> & { cursor?: string | undefined }

export function listFollows({ follows, cache }: Deps) {
  return async ({ cursor, limit, ...wanted }: FollowListRequest) => {
    const profile = await cache.find(wanted.userId)
    if (!profile || !isVisible(profile)) throw userNotFound()
    const before = cursor === undefined ? null : fromCursor(cursor, position)
    const { found, scannedTo } = await follows.list({ ...wanted, before, limit: limit + 1 })
    const { items, nextCursor } = toPage(found, limit, (last) => toCursor(String(last.position)))
    const goesOn = scannedTo === null ? null : toCursor(String(scannedTo))
    return { items, nextCursor: nextCursor ?? goesOn }
  }
}

const position = z.coerce.number().int().positive()

function cannotFollowYourself(): Problem {
  return new Problem(409, 'cannot_follow_yourself', 'Nobody can follow themselves.')
}
