/**
 * What came in the way of decoding. The library says it in words only, and they are of all its threads: what two uploads
 * meet at once may be told to one of them, and the other gets an unknown error.
 */
export function causeOf(error: unknown): 'not_an_image' | 'no_room' | 'unknown' {
  const text = error instanceof Error ? error.message : ''
  if (outOfRoom.test(text)) return 'no_room'
  return brokenImage.test(text) ? 'not_an_image' : 'unknown'
}

const outOfRoom = /^timeout: |out of memory|insufficient memory|bad_alloc|unable to alloc/im

/** The first word names the decoder; a broken png may have none. */
const brokenImage =
  /^(Input buffer (has|contains) |VipsJpeg: |vips(png|2png): |webp|gifload|heif: |source: |Unknown error$)/m
