/** Decoders ignore characters outside base64url and spare bits at the end. Only the spelling that a signer produces is accepted. */
export function isCanonicalToken(token: string): boolean {
  return token
    .split('.')
    .every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
}
