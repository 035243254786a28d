const partsMax = 10
const partHeaderBytesMax = 8 * 1024

/**
 * Whether a form is as small as ours are. The parser of the platform takes seconds for tens of thousands of parts or header
 * lines, during which nobody else is answered, so it must not see those.
 */
export function isSimpleForm(body: ArrayBuffer, type: string): boolean {
  const boundary = /boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(type)
  const delimiter = `--${boundary?.[1] ?? boundary?.[2] ?? ''}`
  const bytes = Buffer.from(body)
  let parts = 0
  for (let at = bytes.indexOf(delimiter); at >= 0; at = bytes.indexOf(delimiter, at + 1)) {
    parts += 1
    if (parts > partsMax + 1) return false
    const isLast = bytes.subarray(at + delimiter.length, at + delimiter.length + 2).equals(end)
    if (isLast) return true
    const head = bytes.subarray(at, at + partHeaderBytesMax)
    if (!head.includes(headerEnd)) return false
  }
  return false
}

const end = Buffer.from('--')
const headerEnd = '\r\n\r\n'
