import type { Tx } from '@ego/kit/postgres/postgres'

// What changes a post tells the search index so in the same transaction: it is brought up to date from these rows.

export async function markStale(
  tx: Tx,
  { postId, creatorId }: { postId: string; creatorId: number },
): Promise<void> {
  await tx`
    insert into search_stale (post_id, creator_id)
    values (${postId}, ${creatorId})`
}

export async function markAllStale(tx: Tx, creatorId: number): Promise<void> {
  await tx`
    insert into search_stale (post_id, creator_id)
    select post_id, creator_id
    from post
    where creator_id = ${creatorId}`
}
