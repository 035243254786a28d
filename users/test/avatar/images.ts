import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'

export type Colour = { r: number; g: number; b: number; alpha?: number }

export const red = { r: 255, g: 0, b: 0 }
export const green = { r: 0, g: 255, b: 0 }
export const blue = { r: 0, g: 0, b: 255 }

type Options = { width?: number; height?: number; colour?: Colour }

/** One colour, to be made a file of some format. */
export function anImage({ width = 40, height = 30, colour = red }: Options = {}) {
  const channels = colour.alpha === undefined ? 3 : 4
  return sharp({
    create: { width, height, channels, background: colour },
    limitInputPixels: false,
  })
}

export const aPng = (options?: Options): Promise<Buffer> => anImage(options).png().toBuffer()

let colours = 0

/** Small, and no other is like it. */
export function anotherPng(): Promise<Buffer> {
  colours += 1
  // Far enough from each other that a lossy encoder tells them apart.
  const [r = 0, g = 0, b = 0] = [1, 8, 64].map((step) => (Math.floor(colours / step) % 8) * 36)
  const colour = { r, g, b }
  return aPng({ width: 8, height: 8, colour })
}

/** Frames of these colours, one after the other. */
export async function anAnimation(colours: readonly Colour[]): Promise<Buffer> {
  const frames = await Promise.all(colours.map((colour) => aPng({ colour })))
  return sharp(frames, { join: { animated: true } })
    .gif({ delay: 100 })
    .toBuffer()
}

/** The left half of one colour and the right half of another. */
export function twoHalves(left: Colour, right: Colour) {
  return anImage({ width: 100, height: 100, colour: left }).composite([
    {
      input: { create: { width: 50, height: 100, channels: 3, background: right } },
      left: 50,
      top: 0,
    },
  ])
}

export const pixelAt = async (bytes: Uint8Array, x: number, y: number): Promise<number[]> => {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true })
  const at = (y * info.width + x) * info.channels
  return [...data.subarray(at, at + info.channels)]
}

/** Says that it is of this size, with the pixels of another one. */
export function aPngThatSays(width: number, height: number, pixels: Buffer): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  const chunks = [
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels, { level: 1 })),
    chunk('IEND'),
  ]
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks])
}

function chunk(type: string, data = Buffer.alloc(0)): Buffer {
  const named = Buffer.concat([Buffer.from(type), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.byteLength, 0)
  frame.writeUInt32BE(crc32(named), 4)
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)])
}
