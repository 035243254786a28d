/** How long an access token holds. Nothing else that a key signs holds longer. */
export const accessTokenSeconds = 15 * 60

// For clocks that differ, and for a process that hears late of a rotation.
const marginMs = 5 * 60_000

/** How long a retired key is kept: as long as the last token that it may have signed. */
export const retiredKeyMsKept = accessTokenSeconds * 1000 + marginMs
