import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs'
import { ownLikeFolder } from '../../process/data-folder-owner.ts'

const bytesMax = 2 * 1024 * 1024

/** Returns a function that appends to a file. At the size limit the file becomes `<path>.1`, which is replaced. */
export function openLogFile(path: string): (text: string) => void {
  let bytes = existsSync(path) ? statSync(path).size : 0
  return (text) => {
    if (bytes > bytesMax) {
      renameSync(path, `${path}.1`)
      bytes = 0
    }
    appendFileSync(path, text, { mode: 0o600 })
    if (bytes === 0) ownLikeFolder(path)
    bytes += Buffer.byteLength(text)
  }
}
