import { claimVectors } from './claim-vectors.ts'
import type { Vector } from './forge.ts'
import { headerVectors } from './header-vectors.ts'
import { signatureVectors } from './signature-vectors.ts'
import { spellingVectors } from './spelling-vectors.ts'

/** The attacks of RFC 8725 and other invalid tokens. Every verifier must refuse all of them. */
export const hostileTokens: readonly Vector[] = [
  ...headerVectors,
  ...claimVectors,
  ...signatureVectors,
  ...spellingVectors,
]
