import { chownSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** After a start by root, the owner of the folder must still be able to start without root. */
export function ownLikeFolder(path: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(dirname(path))
  chownSync(path, uid, gid)
}
