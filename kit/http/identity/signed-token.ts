/** Decoding skips what is not base64url and spare bits at the end; only the one spelling that a signer makes is taken. */
export function isCanonicalToken(token: string): boolean {
  return token
    .split('.')
    .every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
}
