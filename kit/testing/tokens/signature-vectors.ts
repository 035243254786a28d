import { createHash, sign } from 'node:crypto'
import { encode, type Forge, goodToken, stranger, type Vector } from './forge.ts'

const signatureBytes = 64
const half = signatureBytes / 2
/** The order of the base point: a careless verifier accepts S + L for S, so that one signature has many forms. */
const orderL = 2n ** 252n + 27742317777372353535851937790883648493n

type Parts = { header: string; payload: string; signature: Buffer; input: string }

function partsOf(forge: Forge): Parts {
  const [header = '', payload = '', signature = ''] = goodToken(forge).split('.')
  const input = `${header}.${payload}`
  return { header, payload, signature: Buffer.from(signature, 'base64url'), input }
}

const bySignature = (name: string, make: (parts: Parts, forge: Forge) => Buffer): Vector => [
  `a signature ${name}`,
  (forge) => {
    const parts = partsOf(forge)
    return `${parts.input}.${make(parts, forge).toString('base64url')}`
  },
]

export const signatureVectors: readonly Vector[] = [
  bySignature('of no bytes', () => Buffer.alloc(0)),
  bySignature('of zeros', () => Buffer.alloc(signatureBytes)),
  bySignature('of ones', () => Buffer.alloc(signatureBytes, 0xff)),
  bySignature('a byte short', ({ signature }) => signature.subarray(1)),
  bySignature('a byte short at its end', ({ signature }) => signature.subarray(0, -1)),
  bySignature('a byte long', ({ signature }) => Buffer.concat([signature, Buffer.alloc(1)])),
  bySignature('twice as long', ({ signature }) => Buffer.concat([signature, signature])),
  bySignature('in hex', ({ signature }) => Buffer.from(signature.toString('hex'))),
  bySignature('with its halves swapped', ({ signature }) =>
    Buffer.concat([signature.subarray(half), signature.subarray(0, half)]),
  ),
  bySignature('whose R is zero', ({ signature }) =>
    Buffer.concat([Buffer.alloc(half), signature.subarray(half)]),
  ),
  bySignature('whose S is zero', ({ signature }) =>
    Buffer.concat([signature.subarray(0, half), Buffer.alloc(half)]),
  ),
  bySignature('whose S is not reduced', ({ signature }) => withS(signature, (s) => s + orderL)),
  bySignature('whose S is negative', ({ signature }) => withS(signature, (s) => orderL - s)),
  bySignature('that holds for a key of small order', () => neutral()),
  ...[0, 31, 32, 63].map((at) =>
    bySignature(`with a wrong bit in byte ${at}`, ({ signature }) => {
      const wrong = Buffer.from(signature)
      wrong.writeUInt8(wrong.readUInt8(at) ^ 1, at)
      return wrong
    }),
  ),
  bySignature('of another key', ({ input }) => sign(null, Buffer.from(input), stranger.privateKey)),
  bySignature('of the payload alone', ({ payload }, { privateKey }) =>
    sign(null, Buffer.from(payload), privateKey),
  ),
  bySignature('of a hash', ({ input }, { privateKey }) =>
    sign(null, createHash('sha512').update(input).digest(), privateKey),
  ),
  [
    'a key of small order in its header, whose signature fits everything',
    ({ header, claims }) => {
      const jwk = {
        kty: 'OKP',
        crv: 'Ed25519',
        x: neutral().subarray(0, half).toString('base64url'),
      }
      return `${encode({ ...header, jwk })}.${encode(claims)}.${neutral().toString('base64url')}`
    },
  ],
  ...[{ sub: '2' }, { roles: ['staff'] }, { exp: 9_999_999_999 }].map(
    (change): Vector => [
      `${JSON.stringify(change)} under a signature of other claims`,
      (forge) => {
        const { header, signature } = partsOf(forge)
        const payload = encode({ ...forge.claims, ...change })
        return `${header}.${payload}.${signature.toString('base64url')}`
      },
    ],
  ),
]

/** R and A are the neutral element and S is 0: then R = S·B − h·A holds for every message. */
function neutral(): Buffer {
  const signature = Buffer.alloc(signatureBytes)
  signature.writeUInt8(1, 0)
  return signature
}

function withS(signature: Buffer, change: (s: bigint) => bigint): Buffer {
  const s = BigInt(`0x${Buffer.from(signature.subarray(half)).reverse().toString('hex')}`)
  const changed = Buffer.from(change(s).toString(16).padStart(signatureBytes, '0'), 'hex').reverse()
  return Buffer.concat([signature.subarray(0, half), changed])
}
