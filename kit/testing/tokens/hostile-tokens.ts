import { claimVectors } from './claim-vectors.ts'
import type { Vector } from './forge.ts'
import { headerVectors } from './header-vectors.ts'
import { signatureVectors } from './signature-vectors.ts'
import { spellingVectors } from './spelling-vectors.ts'

/** Every attack of RFC 8725 and what else is no token of ours; whoever verifies one refuses all of these. */
export const hostileTokens: readonly Vector[] = [
  ...headerVectors,
  ...claimVectors,
  ...signatureVectors,
  ...spellingVectors,
]
