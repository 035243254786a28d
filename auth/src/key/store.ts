import type { PublicJwk, StoredKey } from './signing-key.ts'

export type KeyStatus = 'next' | 'current' | 'retired'

export type KeptKey = StoredKey & { status: KeyStatus; createdAt: Date; retiredAt: Date | null }

/** Which key did what in a rotation. */
export type Rotation = { retired: string; current: string; next: string }

/**
 * One key is `current` and signs. One is `next`: published already, so that every verifier knows it before it signs. Keys
 * that are `retired` sign no more, and stay as long as a token of theirs may be valid.
 */
export type KeyStore = {
  /** Makes the current and the next key where there is none yet. Of two calls at once one makes the keys for both. */
  fill(offer: Offer): Promise<void>
  /** All keys that may still verify something: the next one first, then the current one, then the retired ones. */
  list(): Promise<KeptKey[]>
  /**
   * Moves every key on by one, all or nothing, and tells every process. Of two calls at once the second one waits.
   * Returns `null` when the current key has not been current for long enough.
   */
  rotate(offer: Offer, currentForMsMin: number): Promise<Rotation | null>
  /** Calls back soon after every rotation, and whenever one may have been missed. */
  watch(onChange: () => void): Promise<AsyncDisposable>
}

export type Offer = () => Promise<StoredKey>

export type Jwks = { keys: PublicJwk[] }
