import type { AvatarSize } from '../profile/avatar.ts'

export type Squares = readonly { size: AvatarSize; webp: Uint8Array }[]

/** `no_room` is no fault of the image: it took too long or too much memory, and may do another time. */
export type NoSquares = 'not_an_image' | 'too_many_pixels' | 'no_room'

/** Makes squares of an upload, in all sizes. Only pixels survive: no metadata, no second meaning of the bytes. */
export type Images = {
  /** By content, whatever its name says: jpeg, png, webp, gif, avif; the first picture of an animation. */
  toSquares(upload: Uint8Array): Promise<Squares | NoSquares>
}

export const pixelsMax = 50_000_000
