import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { avatarSizes } from '../../src/profile/avatar.ts'
import { startUsers, type TestUsers } from '../start-users.ts'
import { avatarCalls } from './avatar-calls.ts'
import { anAnimation, anImage, anotherPng, aPng, aPngThatSays, green, red } from './images.ts'

const bytesMax = 5 * 1024 * 1024

let users: TestUsers
let avatars: ReturnType<typeof avatarCalls>

beforeAll(async () => {
  users = await startUsers()
  avatars = avatarCalls(users)
})
afterAll(() => users[Symbol.asyncDispose]())
afterEach(() => avatars.expectObjectsAreRows())

const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
const half = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.byteLength / 2))

const aBlackPng = (width: number, height: number) =>
  aPngThatSays(width, height, Buffer.alloc((width + 1) * height))

function aNoise(width: number, height: number) {
  const channels = 3
  const data = Buffer.alloc(width * height * channels, 'something that repeats itself')
  return anImage({ width, height }).composite([{ input: data, raw: { width, height, channels } }])
}

describe('an upload that is no image', () => {
  test.each<[string, () => Promise<Buffer | string> | Buffer | string, string?]>([
    ['empty', () => ''],
    ['text', () => 'hello'],
    ['svg', () => svg],
    ['svg that is called png', () => svg, 'image/png'],
    ['svg after the declaration of xml', () => `<?xml version="1.0"?>${svg}`],
    ['html', () => '<!doctype html><img src=x onerror=alert(1)>'],
    ['pdf', () => '%PDF-1.7\n1 0 obj\n<<>>\nendobj\n'],
    ['a tiff', () => anImage().tiff().toBuffer()],
    ['a gif header with garbage', () => Buffer.from('GIF89a'.padEnd(500, 'garbage'))],
    ['a jpeg header with garbage', () => Buffer.from('\xff\xd8\xff\xe0garbage', 'latin1')],
    ['a png header alone', () => Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')],
    ['a webp header with svg', () => `RIFF\0\0\0\0WEBP${svg}`],
    ['an avif header with garbage', () => '\0\0\0\x18ftypavif\0\0\0\0avifmif1garbage'],
    ['half of a jpeg', async () => half(await aNoise(300, 300).jpeg().toBuffer())],
    ['half of a png', async () => half(await aNoise(300, 300).png().toBuffer())],
    ['half of a webp', async () => half(await aNoise(300, 300).webp().toBuffer())],
    ['half of an avif', async () => half(await aNoise(90, 90).avif({ effort: 0 }).toBuffer())],
    ['a png that says more than it has', () => aPngThatSays(5000, 5000, Buffer.alloc(110))],
    ['a png wider than any', () => aPngThatSays(2 ** 31 - 1, 1, Buffer.alloc(9))],
    ['a png without pixels', () => aPngThatSays(0, 0, Buffer.alloc(0))],
  ])('(%s) is 415 and leaves nothing', async (_, make, type = 'image/png') => {
    const { userId, headers } = await users.aPerson()
    const response = await avatars.put(headers, await make(), { 'content-type': type })
    expect(response.status).toBe(415)
    expect(await response.json()).toMatchObject({ code: 'unsupported_media_type' })
    expect(await avatars.keysThere(`avatars/${userId}/`)).toEqual([])
  })
})

describe('an image with too much in it', () => {
  test.each([
    ['50 megapixels and a line', () => aBlackPng(10_000, 5_001)],
    ['a bomb', () => aPngThatSays(30_000, 30_000, Buffer.alloc(20_000_000))],
  ])('(%s) is 422', async (_, make) => {
    const { headers } = await users.aPerson()
    const response = await avatars.put(headers, await make())
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ code: 'image_too_large' })
  })

  test('is not too much with 50 megapixels', async () => {
    const { headers } = await users.aPerson()
    const upload = aBlackPng(10_000, 5_000)
    expect((await avatars.put(headers, upload)).status).toBe(200)
  })

  test('because of its many frames shows the first one', async () => {
    const { headers } = await users.aPerson()
    const upload = await anAnimation(Array.from({ length: 60 }, (_, at) => (at % 2 ? red : green)))
    expect((await avatars.put(headers, upload)).status).toBe(200)
  })
})

test('an image that is something else too is served without the rest', async () => {
  const { headers } = await users.aPerson()
  const jpeg = await anImage().jpeg().toBuffer()
  const tail = Buffer.from(`<script>alert('tail')</script>PK\x03\x04`)
  for (const size of avatarSizes) {
    const shown = await avatars.shown(headers, Buffer.concat([jpeg, tail]), size)
    expect(Buffer.from(shown).toString('latin1')).not.toMatch(/script|tail/)
  }
})

describe('the bytes of an upload', () => {
  const padded = async (length: number) => {
    const bytes = Buffer.alloc(length)
    bytes.set(await anotherPng())
    return bytes
  }
  const stream = (bytes: Uint8Array) => new Blob([new Uint8Array(bytes)]).stream()
  const length = (bytes: Uint8Array) => ({ 'content-length': String(bytes.byteLength) })

  test.each(['at once', 'in chunks'])('may be 5 MB, and one more is 413: %s', async (how) => {
    const { headers } = await users.aPerson()
    const send = (bytes: Buffer) =>
      how === 'at once'
        ? avatars.put(headers, new Uint8Array(bytes), length(bytes))
        : avatars.put(headers, stream(bytes))
    expect((await send(await padded(bytesMax))).status).toBe(200)
    for (const more of [1, 100_000, bytesMax]) {
      const response = await send(await padded(bytesMax + more))
      expect(response.status).toBe(413)
      expect(await response.json()).toMatchObject({ code: 'body_too_large' })
    }
  })

  test('are counted without the frame of a form', async () => {
    const { headers } = await users.aPerson()
    const send = async (bytes: Buffer) => {
      const form = new FormData()
      form.set('avatar', new File([new Uint8Array(bytes)], 'me.png'))
      return (await avatars.put(headers, form)).status
    }
    expect(await send(await padded(bytesMax))).toBe(200)
    expect(await send(await padded(bytesMax + 1))).toBe(413)
  })

  test('that break off are 400 and leave nothing', async () => {
    const { userId, headers } = await users.aPerson()
    const png = await aPng()
    let isFirst = true
    const body = new ReadableStream({
      pull(controller) {
        if (isFirst) controller.enqueue(new Uint8Array(half(png)))
        else controller.error(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
        isFirst = false
      },
    })
    const response = await avatars.put(headers, body, length(png))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'malformed_body' })
    expect(await users.sql`select 1 from avatar where user_id = ${userId}`).toHaveLength(0)
  })
})

test('only a member with a profile has an avatar', async () => {
  expect((await avatars.put({}, await aPng())).status).toBe(401)
  expect((await avatars.remove({})).status).toBe(401)
  const { headers } = await users.aMember()
  const response = await avatars.put(headers, await aPng())
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ code: 'profile_not_found' })
  expect((await avatars.remove(headers)).status).toBe(204)
})
