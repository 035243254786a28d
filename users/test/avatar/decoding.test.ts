import { expect, test } from 'vitest'
import { sharpImages } from '../../src/avatar/images-sharp.ts'
import { aPng, aPngThatSays } from './images.ts'

const loopsMax = 8
const looksMax = 300

test('images that come at once are seen for what they are, each of them', async () => {
  const warnings: unknown[] = []
  const images = sharpImages({ log: { warn: (...what: unknown[]) => void warnings.push(what) } })
  // Its header is decoded as that of any other, and it is quick, for its pixels are not.
  const large = aPngThatSays(30_000, 30_000, Buffer.alloc(100))
  const loop = async () => {
    const seen = new Set<unknown>()
    for (let looks = 0; looks < looksMax; looks += 1) seen.add(await images.toSquares(large))
    const squares = await images.toSquares(await aPng())
    return [...seen, squares.length]
  }
  const loops = Array.from({ length: loopsMax }, loop)
  expect(await Promise.all(loops)).toEqual(loops.map(() => ['too_many_pixels', 3]))
  expect(warnings).toEqual([])
})
