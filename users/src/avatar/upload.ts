import type { AppContext } from '@ego/kit/http/app'
import { malformedBody, orBrokenOff } from '@ego/kit/http/body-limit'
import { Problem } from '@ego/kit/http/problem'
import { invalidField } from '@ego/kit/http/validation'

const uploadBytesMax = 5 * 1024 * 1024
/** With room for the frame of a form. */
export const avatarBodyBytesMax = uploadBytesMax + 64 * 1024

export async function readUpload(c: AppContext): Promise<Uint8Array> {
  const type = c.req.header('content-type') ?? ''
  const body = await orBrokenOff(c.req.arrayBuffer())
  const bytes = isForm.test(type) ? await readField(body, type) : body
  if (bytes.byteLength <= uploadBytesMax) return new Uint8Array(bytes)
  const text = `An avatar may have at most ${uploadBytesMax} bytes.`
  throw new Problem(413, 'body_too_large', text)
}

const formText = 'Check the boundary of the form, that it is whole, and that it has few fields.'
const isForm = /^multipart\/form-data\b/i

async function readForm(body: ArrayBuffer, type: string): Promise<FormData> {
  if (!isSimpleForm(body, type)) throw malformedBody(formText, null)
  try {
    return await new Response(body, { headers: { 'content-type': type } }).formData()
  } catch (cause) {
    throw malformedBody(formText, cause)
  }
}

async function readField(body: ArrayBuffer, type: string): Promise<ArrayBuffer> {
  const avatar = (await readForm(body, type)).get('avatar')
  if (avatar instanceof File) return avatar.arrayBuffer()
  throw invalidField('#/avatar', 'Send the image as a file in this field of the form.')
}

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
