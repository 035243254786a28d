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
  const colour = { r: colours % 256, g: Math.floor(colours / 256) % 256, b: 77 }
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
