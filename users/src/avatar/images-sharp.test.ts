import { expect, test } from 'vitest'
import { causeOf } from './images-sharp.ts'

test.each([
  ['Input buffer contains unsupported image format', 'not_an_image'],
  ['Input buffer has corrupt header: webp: unable to parse image', 'not_an_image'],
  ['VipsJpeg: premature end of JPEG image', 'not_an_image'],
  ['vipspng: libpng read error', 'not_an_image'],
  ['webp2vips: unable to read pixels', 'not_an_image'],
  ['gifload_buffer: Invalid frame data', 'not_an_image'],
  [
    'source: bad seek to 1\nheif: Invalid input: Unspecified: Corrupt frame detected',
    'not_an_image',
  ],
  [
    'heif: Memory allocation error: Security limit exceeded: iinf box contains 9 items',
    'not_an_image',
  ],
  ['Unknown error', 'not_an_image'],
  ['timeout: 18% complete\nVipsImage: killed for image "temp-27"', 'no_room'],
  ['VipsImage: killed for image "temp-27"\ntimeout: 18% complete', 'no_room'],
  ['vips_tracked: out of memory --- size == 429MB', 'no_room'],
  ['VipsJpeg: Insufficient memory (case 4)', 'no_room'],
  ['std::bad_alloc', 'no_room'],
  ['Cannot read properties of undefined', 'unknown'],
  ['Expected integer for width but received NaN', 'unknown'],
])('an error that says %j is %s', (text, cause) => {
  expect(causeOf(new Error(text))).toBe(cause)
})

test('what is no error at all is unknown', () => {
  expect(causeOf('timeout: 1% complete')).toBe('unknown')
})
