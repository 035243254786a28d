import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { encode, type Forge, signed, spoiled, stranger, type Vector, withHeader } from './forge.ts'

const strangerJwk = stranger.publicKey.export({ format: 'jwk' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

const unsigned = (alg: unknown): Vector => [
  `the algorithm ${JSON.stringify(alg)} and no signature`,
  ({ header, claims }) => `${encode({ ...header, alg })}.${encode(claims)}.`,
]

/** RFC 8725, 3.1: the public key must never be used as an HMAC secret. */
const symmetric = (
  alg: string,
  form: string,
  secret: (forge: Forge) => string | Buffer,
): Vector => [
  `${alg} with the public key as its secret, ${form}`,
  (forge) => {
    const input = `${encode({ ...forge.header, alg })}.${encode(forge.claims)}`
    const mac = createHmac(alg.replace('HS', 'sha'), secret(forge)).update(input)
    return `${input}.${mac.digest('base64url')}`
  },
]

const publicKey = ({ privateKey }: Forge) => createPublicKey(privateKey)
const point = (forge: Forge) => publicKey(forge).export({ format: 'jwk' }).x ?? ''

const asymmetric = (alg: string, key: typeof rsa, options: object = {}): Vector => [
  `${alg} under the key id of auth`,
  ({ header, claims }) => {
    const input = `${encode({ ...header, alg })}.${encode(claims)}`
    const signature = sign('sha256', Buffer.from(input), { key, ...options })
    return `${input}.${signature.toString('base64url')}`
  },
]

const algorithms: Vector[] = [
  ...['none', 'None', 'NONE', 'nOnE', 'none ', '', null, undefined].map(unsigned),
  ...spoiled(withHeader, 'alg', [
    'none',
    'NONE',
    'eddsa',
    'EDDSA',
    'Ed25519',
    'Ed448',
    'ES256',
    'HS256',
  ]),
  ...spoiled(withHeader, 'alg', ['', null, undefined, 1, ['EdDSA'], { alg: 'EdDSA' }, 'toString']),
  symmetric('HS256', 'its bytes', (forge) => Buffer.from(point(forge), 'base64url')),
  symmetric('HS256', 'its letters', point),
  symmetric('HS384', 'as PEM', (forge) => publicKey(forge).export({ format: 'pem', type: 'spki' })),
  symmetric('HS512', 'as DER', (forge) => publicKey(forge).export({ format: 'der', type: 'spki' })),
  symmetric('HS256', 'as JWK', (forge) =>
    JSON.stringify(publicKey(forge).export({ format: 'jwk' })),
  ),
  symmetric('HS256', 'empty', () => ''),
  asymmetric('RS256', rsa),
  asymmetric('PS256', rsa, { padding: 6, saltLength: 32 }),
  asymmetric('ES256', elliptic, { dsaEncoding: 'ieee-p1363' }),
]

const keyIds: Vector[] = [
  ...spoiled(withHeader, 'kid', [
    undefined,
    null,
    '',
    'other',
    1,
    true,
    {},
    '__proto__',
    'constructor',
  ]),
  ...spoiled(withHeader, 'kid', [
    '../../../../dev/null',
    '/etc/passwd',
    'http://127.0.0.1/jwks.json',
  ]),
  ...spoiled(withHeader, 'kid', [
    "x' or '1'='1",
    "'; drop table signing_key; --",
    '*',
    '%',
    '\u0000',
    '$(id)',
  ]),
  ['the key id of auth in an array', (forge) => withHeader({ kid: [forge.header.kid] })(forge)],
  ['the key id of auth and a space', (forge) => withHeader({ kid: `${forge.header.kid} ` })(forge)],
  [
    'the key id of auth and a zero',
    (forge) => withHeader({ kid: `${forge.header.kid}\u0000` })(forge),
  ],
]

const ownKeys: Record<string, unknown>[] = [
  { jwk: strangerJwk },
  { jku: 'http://127.0.0.1:9/jwks.json' },
  { x5u: 'http://127.0.0.1:9/chain.pem' },
  { x5c: [stranger.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')] },
  { x5t: 'AAAA' },
]

const carried: Vector[] = ownKeys.flatMap((own): Vector[] => {
  const name = Object.keys(own)[0] ?? ''
  return [
    [
      `the key of an attacker by ${name}`,
      ({ header, claims }) => signed(stranger.privateKey, { ...header, ...own }, claims),
    ],
    [
      `the key of an attacker by ${name}, without a key id`,
      ({ header, claims }) =>
        signed(stranger.privateKey, { ...header, ...own, kid: undefined }, claims),
    ],
    [`the signature of auth beside ${name}`, withHeader(own)],
  ]
})

const types: Vector[] = [
  ...spoiled(withHeader, 'typ', [
    undefined,
    null,
    '',
    'JWT',
    'jwt',
    'JOSE',
    'refresh+jwt',
    1,
    true,
    {},
  ]),
  ['the type of the other tokens of auth', (forge) => withHeader({ typ: forge.otherType })(forge)],
  ['its type in an array', (forge) => withHeader({ typ: [forge.header.typ] })(forge)],
  ['its type and a space', (forge) => withHeader({ typ: `${forge.header.typ} ` })(forge)],
  ['its type and a parameter', (forge) => withHeader({ typ: `${forge.header.typ}; v=1` })(forge)],
  [
    'its type in capitals',
    (forge) => withHeader({ typ: String(forge.header.typ).toUpperCase() })(forge),
  ],
  [
    'its type with application/',
    (forge) => withHeader({ typ: `application/${forge.header.typ}` })(forge),
  ],
]

const extensions: Vector[] = [
  ['crit with something unknown', withHeader({ crit: ['ego'], ego: true })],
  ['crit with a claim', withHeader({ crit: ['exp'], exp: 1 })],
  ['crit with alg', withHeader({ crit: ['alg'] })],
  ...spoiled(withHeader, 'crit', [[], [''], [1], ['b64'], 'b64', null, {}]),
  ['b64 true in crit', withHeader({ crit: ['b64'], b64: true })],
  ['b64 false in crit', withHeader({ crit: ['b64'], b64: false })],
  ['b64 false out of crit', withHeader({ b64: false })],
  [
    'b64 false and its payload in clear',
    (forge) => {
      const header = encode({ ...forge.header, crit: ['b64'], b64: false })
      const input = `${header}.${JSON.stringify(forge.claims)}`
      return `${input}.${sign(null, Buffer.from(input), forge.privateKey).toString('base64url')}`
    },
  ],
  ['a compressed payload', withHeader({ zip: 'DEF' })],
  ['a nested type', withHeader({ cty: 'JWT' })],
]

export const headerVectors: readonly Vector[] = [
  ...algorithms,
  ...keyIds,
  ...carried,
  ...types,
  ...extensions,
]
