import { createLimiter, type Limiter } from '@ego/kit/async/limiter'
import type { Log } from '@ego/kit/process/log'
import type { Sharp } from 'sharp'
import { avatarSizes } from '../profile/avatar.ts'
import { type Images, type NoSquares, pixelsMax, type Squares } from './images.ts'

const largest = Math.max(...avatarSizes)
const decodeSecondsMax = 10
const webp = { quality: 82, effort: 4 }
/** Decoded, a large one may take half a gigabyte for a moment, so there is never more than one. */
const largePixels = 12_000_000
const largeOnes = {
  runningMax: 1,
  waitingMax: 8,
  waitMsMax: 5_000,
  busyText: 'Too many large images are being decoded at the moment.',
}
/** From here on an image is cut before it is resized. */
const thinRatio = 100

export function sharpImages({ log }: { log: Pick<Log, 'warn'> }): Images {
  let loading: Promise<SharpModule> | undefined
  const oneLarge = createLimiter(largeOnes)

  return {
    async toSquares(upload) {
      const format = sniffImage(upload)
      if (format === null) return 'not_an_image'
      // Once: configuring it again would take the decoders away from those who are decoding.
      loading ??= loadSharp()
      const sharp = await loading
      try {
        return await decode(sharp, upload, format, oneLarge)
      } catch (error) {
        const cause = causeOf(error)
        if (cause === 'unknown') throw error
        if (cause === 'no_room') log.warn({ err: error, format }, 'an image was not decoded')
        return cause
      }
    },
  }
}

async function decode(
  sharp: SharpModule,
  upload: Uint8Array,
  format: ImageFormat,
  oneLarge: Limiter,
): Promise<Squares | NoSquares> {
  // Reads the header only, which is why it may say anything.
  const announced = await sharp(upload, { limitInputPixels: false }).metadata()
  const { width, height, format: decoder, compression } = announced
  if (width * height > pixelsMax) return 'too_many_pixels'
  // The heif decoder reads more than avif; the one that is used must be the one that was announced.
  if ((decoder === 'heif' ? compression : decoder) !== decoderOf[format]) return 'not_an_image'
  const image = sharp(upload, { limitInputPixels: pixelsMax, failOn: 'error' })
  const work = () => shrink(sharp, cutIfThin(image.autoOrient(), announced.autoOrient))
  return width * height > largePixels ? oneLarge(work) : work()
}

const decoderOf = { jpeg: 'jpeg', png: 'png', webp: 'webp', gif: 'gif', avif: 'av1' } as const

type SharpModule = typeof import('sharp').default

/** With the first upload: a process without uploads does not pay for the memory of the library. */
async function loadSharp(): Promise<SharpModule> {
  const { default: sharp } = await import('sharp')
  // How many run at once is decided outside; a cache would only hold what is not asked for again.
  sharp.concurrency(1)
  sharp.cache(false)
  // One decoder for each format and none else: a photo with a gain map is a jpeg, not something of its own.
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: decoders.map((name) => `VipsForeignLoad${name}`) })
  return sharp
}

const decoders = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif']

/** Resizing goes by the shorter edge and would blow a thread up to millions of pixels; only its middle is seen anyway. */
function cutIfThin(image: Sharp, { width, height }: { width: number; height: number }): Sharp {
  const edge = Math.min(width, height)
  if (Math.max(width, height) < edge * thinRatio) return image
  const left = Math.floor((width - edge) / 2)
  const top = Math.floor((height - edge) / 2)
  return image.extract({ left, top, width: edge, height: edge })
}

/** Decodes once; the squares are made of the largest one, in turn, so that an upload never takes more than one thread. */
async function shrink(sharp: SharpModule, image: Sharp): Promise<Squares> {
  const { data, info } = await image
    .timeout({ seconds: decodeSecondsMax })
    .resize(largest, largest, { fit: 'cover' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const squares = []
  for (const size of avatarSizes) {
    const square = sharp(data, { raw: { width, height, channels } }).resize(size, size)
    squares.push({ size, webp: await square.webp(webp).toBuffer() })
  }
  return squares
}

type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif'

/** What the first bytes say. Neither a name nor a Content-Type is asked: both are only claims. */
function sniffImage(bytes: Uint8Array): ImageFormat | null {
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

/**
 * What came in the way of decoding. The library says it in words only, and they are of all its threads: what two uploads
 * meet at once may be told to one of them, and the other gets an unknown error.
 */
export function causeOf(error: unknown): 'not_an_image' | 'no_room' | 'unknown' {
  const text = error instanceof Error ? error.message : ''
  if (outOfRoom.test(text)) return 'no_room'
  return brokenImage.test(text) ? 'not_an_image' : 'unknown'
}

const outOfRoom = /^timeout: |out of memory|insufficient memory|bad_alloc|unable to alloc/im

/** The first word names the decoder; a broken png may have none. */
const brokenImage =
  /^(Input buffer (has|contains) |VipsJpeg: |vips(png|2png): |webp|gifload|heif: |source: |Unknown error$)/m
