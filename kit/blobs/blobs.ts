/**
 * Objects of some megabytes under a key, such as avatars.
 *
 * - A key is `/`-separated segments of `A-Z a-z 0-9 . _ -`, none starting with a dot, each up to 200 and all up to 512
 *   characters. Anything else is refused with a TypeError. `a` and `a/b` may both exist.
 * - An object is seen whole or not at all: what a reader gets is all of one put, also while another put or a delete of
 *   the same key happens.
 * - What was acknowledged survives a crash.
 */
export type Blobs = {
  /** Replaces what there was. A body that breaks off rejects and changes nothing. */
  put(key: string, body: BlobBody, options: { type: string }): Promise<BlobHead>

  /** `null` when there is none. The caller reads the body or cancels it. */
  get(key: string): Promise<StoredBlob | null>

  /** Deleting what is absent is fine. */
  delete(key: string): Promise<void>

  /**
   * Keys in ascending order (by code unit) that start with the prefix, after the given one. What is put or deleted
   * meanwhile may be in a page or not; everything else is in exactly one. `next` is what to pass as `after`.
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

/** Every adapter calls it first, so that no key means something to an engine that it does not mean here. */
export function checkBlobKey(key: string): void {
  const isKey = key.length <= keyLengthMax && key.split('/').every((s) => segment.test(s))
  if (!isKey) throw new TypeError(`${JSON.stringify(key)} is not a blob key.`)
}

export function checkBlobType(type: string): void {
  if (type.length > typeLengthMax || !typePattern.test(type)) {
    throw new TypeError(`${JSON.stringify(type)} is not a media type.`)
  }
}
