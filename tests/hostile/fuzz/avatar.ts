import fc from 'fast-check'
import type { Body } from './mangling.ts'
import { orSpoilt } from './values.ts'

/** Images of two by two pixels. */
export const images = {
  png: 'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAMAAABFaP0WAAAAA1BMVEUzqncb3tbvAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAC0lEQVQImWNgAAEAAAYAAeaH/n8AAAAASUVORK5CYII=',
  webp: 'UklGRiwAAABXRUJQVlA4ICAAAABwAQCdASoCAAIAA4BaJaACdAGgAACOID/cf2R/OU6AAA==',
  gif: 'R0lGODlhAgACAIAAAExpcTOqdyH5BAUAAAAALAAAAAACAAIAAAICjFMAOw==',
  avif: 'AAAAHGZ0eXBhdmlmAAAAAG1pZjFhdmlmbWlhZgAAANZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAAA+gABAAAAAAAAAB4AAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABhdjAxAAAAAA5waXRtAAAAAAABAAAAVmlwcnAAAAA4aXBjbwAAAAxhdjFDgSACAAAAABRpc3BlAAAAAAAAAAIAAAACAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAAAAEAAQOBAgMAAAAmbWRhdBIACgc4ADaQENBpMhEawmLk4AAUAASQNanHIuKuFA==',
  jpeg: '/9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAACAAIDASIAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAVAQEBAAAAAAAAAAAAAAAAAAACBf/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AAApT//Z',
}

const whole = fc.constantFrom(...Object.values(images)).map((text) => Buffer.from(text, 'base64'))

const flips = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 })

const broken: fc.Arbitrary<Buffer> = fc.oneof(
  fc.tuple(whole, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % bytes.length)),
  fc.tuple(whole, flips).map(([bytes, changes]) => {
    const changed = Buffer.from(bytes)
    for (const [at, byte] of changes) changed[at % changed.length] = byte
    return changed
  }),
  fc.tuple(whole, whole).map((both) => Buffer.concat(both)),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom('', '<svg xmlns="http://www.w3.org/2000/svg"/>', '%PDF-1.7', 'GIF89a', '\0')
    .map((text) => Buffer.from(text)),
)

type Frame = { type: string | null; before: string; after: string }

const part = '--x\r\nContent-Disposition: form-data; name='
const form = 'multipart/form-data; boundary=x'

const goodFrames: Frame[] = [
  { type: 'image/png', before: '', after: '' },
  { type: 'image/*', before: '', after: '' },
  { type: 'text/plain', before: '', after: '' },
  { type: form, before: `${part}"avatar"; filename="a"\r\n\r\n`, after: '\r\n--x--\r\n' },
]

const oddFrames: Frame[] = [
  { type: null, before: '', after: '' },
  { type: '', before: '', after: '' },
  { type: 'application/json', before: '', after: '' },
  { type: 'application/x-www-form-urlencoded', before: '', after: '' },
  { type: 'multipart/form-data', before: part, after: '' },
  { type: 'multipart/form-data; boundary=', before: part, after: '--' },
  { type: form, before: '', after: '' },
  { type: form, before: `${part}"avatar"\r\n\r\n`, after: '\r\n--x--\r\n' },
  { type: form, before: `${part}"other"; filename="a"\r\n\r\n`, after: '\r\n--x--\r\n' },
  { type: form, before: `${part}"avatar"; filename="\0../a"\r\n\r\n`, after: '\r\n--x--' },
  { type: form, before: `${part}"avatar"; filename="a"\r\n\r\n`, after: '\r\n--x' },
  { type: form, before: `${part}"avatar"; filename="a`, after: '\r\n--x--\r\n' },
  { type: form, before: `${part.repeat(50)}"avatar"\r\n\r\n`, after: '\r\n--x--\r\n' },
]

/** The bytes of an image, alone or as a field of a form. */
export function avatarBodies(spoiltPercent: number): fc.Arbitrary<Body> {
  const frames = orSpoilt(
    fc.constantFrom(...goodFrames),
    fc.constantFrom(...oddFrames),
    spoiltPercent / 2,
  )
  return fc
    .tuple(frames, orSpoilt(whole, broken, Math.max(spoiltPercent, 50)), fc.boolean())
    .map(([{ type, before, after }, bytes, isChunked]) => ({
      type,
      isChunked,
      content: {
        base64: Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]).toString('base64'),
      },
    }))
}
