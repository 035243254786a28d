/** Whether it is a key as configuration holds it: 32 bytes in base64url, which always take 43 characters. */
export function isKeyText(text: string): boolean {
  return /^[\w-]{43}$/.test(text)
}
