import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** The key of auth and a good token's content, for a vector to spoil one thing of it. */
export type Forge = {
  privateKey: KeyObject
  header: Readonly<Record<string, unknown>>
  claims: Readonly<Record<string, unknown>>
  /** The type of the other tokens that auth signs with the same key. */
  otherType: string
}

export type Vector = readonly [name: string, token: (forge: Forge) => string]

/** Text and bytes as they stand, anything else as JSON. */
export function encode(part: unknown): string {
  const isRaw = typeof part === 'string' || part instanceof Uint8Array
  return Buffer.from(isRaw ? part : JSON.stringify(part)).toString('base64url')
}

/** Signs whatever it is given: no library that knows better stands between a vector and its bytes. */
export function signed(key: KeyObject, header: unknown, claims: unknown): string {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`
}

export function goodToken({ privateKey, header, claims }: Forge): string {
  return signed(privateKey, header, claims)
}

export function withHeader(changes: Record<string, unknown>) {
  return ({ privateKey, header, claims }: Forge) =>
    signed(privateKey, { ...header, ...changes }, claims)
}

export function withClaims(changes: Record<string, unknown>) {
  return ({ privateKey, header, claims }: Forge) =>
    signed(privateKey, header, { ...claims, ...changes })
}

/** One vector for each wrong value of one member; `undefined` leaves it out. */
export function spoiled(change: typeof withHeader, name: string, values: readonly unknown[]) {
  return values.map((value): Vector => {
    const shown = value === undefined ? 'missing' : JSON.stringify(value)
    return [`${name} ${shown}`, change({ [name]: value })]
  })
}

/** What an attacker has: a pair of keys, and nothing of ours. */
export const stranger = generateKeyPairSync('ed25519')
