import { pipeline } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { malformedBody, orBrokenOff } from '@ego/kit/http/body-limit'
import type { AppContext } from '@ego/kit/http/context'
import { Problem } from '@ego/kit/http/problem'
import { invalidField } from '@ego/kit/http/validation'
import { Busboy } from '@fastify/busboy'

const uploadBytesMax = 5 * 1024 * 1024
/** With room for the frame of a form. */
export const avatarBodyBytesMax = uploadBytesMax + 64 * 1024

const partsMax = 10
const partHeaderBytesMax = 8 * 1024
const frameBytesMax = partsMax * partHeaderBytesMax
const pieceBytes = 32 * 1024

/** The image of a request: its whole body, or the file in the field `avatar` of a form. */
export async function readUpload(c: AppContext): Promise<Uint8Array> {
  const type = c.req.header('content-type') ?? ''
  const body = new Uint8Array(await orBrokenOff(c.req.arrayBuffer()))
  const upload = isForm.test(type) ? await readAvatarField(body, type) : body
  if (upload.byteLength <= uploadBytesMax) return upload
  const text = `An avatar may have at most ${uploadBytesMax} bytes.`
  throw new Problem(413, 'body_too_large', text)
}

const isForm = /^multipart\/form-data\b/i

export async function readAvatarField(body: Uint8Array, type: string): Promise<Uint8Array> {
  const fields = await orMalformed(parseForm(body, type))
  const avatar = fields.find(({ name }) => name === 'avatar')
  if (avatar?.isFile) return Buffer.concat(avatar.chunks)
  throw invalidField('#/avatar', 'Send the image as a file in this field of the form.')
}

async function orMalformed<T>(parsing: Promise<T>): Promise<T> {
  try {
    return await parsing
  } catch (cause) {
    const text = 'Check the boundary of the form, that it is whole, and that it has few fields.'
    throw malformedBody(text, cause)
  }
}

type Field = { name: string; isFile: boolean; chunks: Uint8Array[] }

async function parseForm(body: Uint8Array, type: string): Promise<Field[]> {
  const fields: Field[] = []
  const parser = new Busboy({
    headers: { 'content-type': type },
    limits: { parts: partsMax, headerSize: partHeaderBytesMax },
    // A text is a stream too, so that its bytes are counted as they come.
    isPartAFile: () => true,
  })
  parser.on('file', (name, part, fileName) => {
    const chunks: Uint8Array[] = []
    fields.push({ name, isFile: fileName !== undefined, chunks })
    // The parser fails with the same error.
    part.on('data', (chunk) => chunks.push(chunk)).on('error', () => {})
  })
  parser.on('partsLimit', () => parser.destroy(new Error(`It has more than ${partsMax} parts.`)))
  await pipeline(piecesOf(body, fields), parser)
  checkFrame(body.byteLength, fields)
  return fields
}

/**
 * The parser goes on after a limit, at a cost that grows with the parts and headers it skips. So it gets the form in pieces,
 * none after a limit is hit, and other requests have a turn in between.
 */
async function* piecesOf(body: Uint8Array, fields: readonly Field[]) {
  for (let at = 0; at < body.byteLength; at += pieceBytes) {
    checkFrame(at, fields)
    yield body.subarray(at, at + pieceBytes)
    await setImmediate()
  }
}

/** Bytes in no field are mostly headers, which the parser cuts silently where they are too long. */
function checkFrame(parsedBytes: number, fields: readonly Field[]): void {
  const contentBytes = fields
    .flatMap(({ chunks }) => chunks)
    .reduce((sum, { byteLength }) => sum + byteLength, 0)
  if (parsedBytes - contentBytes <= frameBytesMax) return
  throw new Error(`It has more than ${frameBytesMax} bytes outside of its fields.`)
}
