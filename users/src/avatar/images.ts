import type { AvatarSize } from './avatar.ts'

export type Squares = readonly { size: AvatarSize; webp: Uint8Array }[]

/** Makes squares of an upload, in all sizes. Only pixels survive: no metadata, no second meaning of the bytes. */
export type Images = {
  /** By content, whatever its name says: jpeg, png, webp, gif, avif; the first picture of an animation. */
  toSquares(upload: Uint8Array): Promise<Squares | 'not_an_image' | 'too_many_pixels'>
}

export const pixelsMax = 50_000_000
