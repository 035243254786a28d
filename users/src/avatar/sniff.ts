export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif'

/** What the first bytes say. Neither a name nor a Content-Type is asked: both are only claims. */
export function sniffImage(bytes: Uint8Array): ImageFormat | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 64))
  const text = head.toString('latin1')
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (/^GIF8[79]a/.test(text)) return 'gif'
  if (text.startsWith('RIFF') && text.startsWith('WEBP', 8)) return 'webp'
  if (text.startsWith('ftyp', 4) && isAvifBrand(text.slice(8))) return 'avif'
  return null
}

/** The major brand, four bytes of a version, then the compatible brands. */
function isAvifBrand(brands: string): boolean {
  return /^avi[fs]/.test(brands) || (/^mi[fa]1/.test(brands) && /^.{8}(.{4})*avi[fs]/s.test(brands))
}
