/**
 * Fails when one has failed, but not before the last has ended: what is still on its way would change objects after the
 * lock on them is gone.
 */
export async function allDone(changes: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(changes)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}
