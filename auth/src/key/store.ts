import type { StoredKey } from './signing-key.ts'

export type KeyStore = {
  /** The current key; when there is none yet, the offered one becomes it. Of two offers at once one wins for both. */
  currentOr(offer: () => Promise<StoredKey>): Promise<StoredKey>
}
