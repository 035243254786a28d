/** Whether the text is a key as the configuration holds it: 32 bytes in base64url, which are always 43 characters. */
export function isKeyText(text: string): boolean {
  return /^[\w-]{43}$/.test(text)
}
