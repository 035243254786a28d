import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** The key of auth and the content of a valid token, of which a vector changes one thing. */
export type Forge = {
  privateKey: KeyObject
  header: Readonly<Record<string, unknown>>
  claims: Readonly<Record<string, unknown>>
  /** The type of the other tokens that auth signs with the same key. */
  otherType: string
}

export type Vector = readonly [name: string, token: (forge: Forge) => string]

/** Encodes text and bytes as they are, anything else as JSON. */
export function encode(part: unknown): string {
  const isRaw = typeof part === 'string' || part instanceof Uint8Array
  return Buffer.from(isRaw ? part : JSON.stringify(part)).toString('base64url')
}

/** Signs any content. A library would refuse most of these tokens. */
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

/** One vector for each wrong value of one member; `undefined` omits it. */
export function spoiled(change: typeof withHeader, name: string, values: readonly unknown[]) {
  return values.map((value): Vector => {
    const shown = value === undefined ? 'missing' : JSON.stringify(value)
    return [`${name} ${shown}`, change({ [name]: value })]
  })
}

/** The key pair of an attacker. */
export const stranger = generateKeyPairSync('ed25519')
