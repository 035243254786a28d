/**
 * Stores objects of some megabytes under a key, such as avatars.
 *
 * - A key consists of `/`-separated segments of `A-Z a-z 0-9 . _ -`. No segment starts with a dot; each has up to 200 and
 *   the key up to 512 characters. Any other key rejects with a TypeError. `a` and `a/b` may both exist.
 * - An object is visible whole or not at all: a reader gets the content of one put, also during another put or a delete
 *   of the same key.
 * - Acknowledged changes survive a crash.
 */
export type Blobs = {
  /** Replaces an existing object. Rejects and changes nothing when the body breaks off. */
  put(key: string, body: BlobBody, options: { type: string }): Promise<BlobHead>

  /** Resolves with `null` when there is none. The caller must read the body or cancel it. */
  get(key: string): Promise<StoredBlob | null>

  /** Resolves also when the object is absent. */
  delete(key: string): Promise<void>

  /**
   * Lists the keys with the prefix in ascending order (by code unit), starting after `after`. An object that is put or
   * deleted meanwhile may be missing; any other is on exactly one page. Pass `next` as `after` for the next page.
   */
  list(prefix: string, page?: { after?: string; limit?: number }): Promise<BlobPage>
}

export type BlobBody = Uint8Array | AsyncIterable<Uint8Array>

/** `etag` is ready for the HTTP header; two contents never share one. */
export type BlobHead = { type: string; size: number; etag: string }

export type StoredBlob = BlobHead & { body: ReadableStream<Uint8Array> }

export type BlobPage = {
  items: { key: string; size: number; modifiedAt: Date }[]
  next: string | null
}

export const listLimitDefault = 1_000

const segment = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/
const keyLengthMax = 512
const typePattern = /^[\w.+-]+\/[\w.+-]+(; ?[\w.+-]+=[\w.+-]+)?$/
const typeLengthMax = 100

/** Every adapter calls this first, so that no key has a special meaning for an engine. */
export function checkBlobKey(key: string): void {
  const isKey = key.length <= keyLengthMax && key.split('/').every((s) => segment.test(s))
  if (!isKey) throw new TypeError(`${JSON.stringify(key)} is not a blob key.`)
}

export function checkBlobType(type: string): void {
  if (type.length > typeLengthMax || !typePattern.test(type)) {
    throw new TypeError(`${JSON.stringify(type)} is not a media type.`)
  }
}
