import { lifetimeSeconds } from '../session/access-token.ts'

// For clocks that differ, and for a process that hears late of a rotation.
const marginMs = 5 * 60_000

/** How long a retired key is kept: as long as the last token that it may have signed. No token outlives an access token. */
export const retiredKeyMsKept = lifetimeSeconds * 1000 + marginMs
