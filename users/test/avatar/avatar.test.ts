import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { avatarSizes } from '../../src/profile/avatar.ts'
import { startUsers, type TestUsers } from '../start-users.ts'
import { answerOf, avatarCalls } from './avatar-calls.ts'
import {
  anAnimation,
  anImage,
  anotherPng,
  aPng,
  blue,
  green,
  pixelAt,
  red,
  twoHalves,
} from './images.ts'

let users: TestUsers
let avatars: ReturnType<typeof avatarCalls>

beforeAll(async () => {
  users = await startUsers()
  avatars = avatarCalls(users)
})
afterAll(() => users[Symbol.asyncDispose]())

const near = (colour: number) => (at: number) => Math.abs(at - colour) < 12
function expectColour(pixel: number[], ...colour: number[]) {
  expect(
    pixel.every((at, index) => near(colour[index] ?? -99)(at)),
    `${pixel}`,
  ).toBe(true)
}

describe('an avatar', () => {
  test.each([
    ['jpeg', () => anImage().jpeg().toBuffer()],
    ['png', () => anImage().png().toBuffer()],
    ['png of 16 bits', () => anImage().toColourspace('rgb16').png().toBuffer()],
    ['webp', () => anImage().webp().toBuffer()],
    ['gif', () => anImage().gif().toBuffer()],
    ['avif', () => anImage().avif({ effort: 0 }).toBuffer()],
    ['jpeg for print', () => anImage().toColourspace('cmyk').jpeg().toBuffer()],
  ])('may be a %s, and is served in three sizes', async (_, make) => {
    const { userId, headers } = await users.aPerson()
    const response = await avatars.put(headers, await make())
    expect(response.status).toBe(200)
    const answer = await answerOf(response)
    const url = expect.stringMatching(new RegExp(`^/users/${userId}/avatar\\?v=[\\w-]{22}$`))
    expect(answer).toEqual({
      url,
      sizes: {
        64: `${answer.url}&size=64`,
        256: `${answer.url}&size=256`,
        512: `${answer.url}&size=512`,
      },
    })
    const profile = await users.request(`/users/${userId}`)
    expect(await profile.json()).toMatchObject({ avatar: answer })
    for (const size of avatarSizes) {
      const image = await users.request(answer.sizes[size])
      expect(image.status).toBe(200)
      expect(image.headers.get('content-type')).toBe('image/webp')
      const bytes = await image.arrayBuffer()
      expect(image.headers.get('content-length')).toBe(String(bytes.byteLength))
      const { width, height, format } = await sharp(bytes).metadata()
      expect({ width, height, format }).toEqual({ width: size, height: size, format: 'webp' })
      const [r = 0, g = 255, b = 255] = await pixelAt(new Uint8Array(bytes), 30, 30)
      expect(r > 200 && g < 60 && b < 60, `${[r, g, b]}`).toBe(true)
    }
  })

  test('of an animation is its first picture', async () => {
    const { headers } = await users.aPerson()
    const shown = await avatars.shown(headers, await anAnimation([green, red, blue]))
    expectColour(await pixelAt(shown, 20, 20), 0, 255, 0)
    expect((await sharp(shown).metadata()).pages ?? 1).toBe(1)
  })

  test('has nothing of the metadata of its upload', async () => {
    const { headers } = await users.aPerson()
    const upload = await anImage()
      .withExif({
        IFD0: { Artist: 'SecretArtist' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' },
      })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><secret/></x:xmpmeta>')
      .withIccProfile('p3')
      .jpeg()
      .toBuffer()
    const before = await sharp(upload).metadata()
    expect([before.exif, before.icc, before.xmp].every(Boolean)).toBe(true)
    for (const size of avatarSizes) {
      const shown = await avatars.shown(headers, upload, size)
      const { exif, icc, xmp, iptc } = await sharp(shown).metadata()
      expect([exif, icc, xmp, iptc]).toEqual([undefined, undefined, undefined, undefined])
      expect(Buffer.from(shown).toString('latin1')).not.toMatch(/secret|EXIF|ICCP|XMP/i)
    }
  })

  test('stands upright, as its orientation says', async () => {
    const { headers } = await users.aPerson()
    const upload = await twoHalves(red, blue).withMetadata({ orientation: 6 }).jpeg().toBuffer()
    const shown = await avatars.shown(headers, upload)
    // A quarter to the right: what was on the left is at the top.
    expectColour(await pixelAt(shown, 32, 5), 255, 0, 0)
    expectColour(await pixelAt(shown, 32, 58), 0, 0, 255)
  })

  test('keeps what is transparent', async () => {
    const { headers } = await users.aPerson()
    const shown = await avatars.shown(headers, await aPng({ colour: { ...red, alpha: 0.5 } }))
    expectColour(await pixelAt(shown, 20, 20), 255, 0, 0, 128)
  })

  test.each([
    [1, 1],
    [1, 10_000],
    [10_000, 1],
    [2, 400_000],
    [400_000, 2],
  ])('may be made of %i × %i pixels', async (width, height) => {
    const { headers } = await users.aPerson()
    const shown = await avatars.shown(headers, await aPng({ width, height }), 512)
    const made = await sharp(shown).metadata()
    expect([made.width, made.height]).toEqual([512, 512])
    expectColour(await pixelAt(shown, 256, 256), 255, 0, 0)
  })

  test('of a long image is its middle', async () => {
    const { headers } = await users.aPerson()
    const patch = { create: { width: 4, height: 4, channels: 3, background: blue } } as const
    const upload = await anImage({ width: 4, height: 2000 })
      .composite([{ input: patch, left: 0, top: 998 }])
      .png()
      .toBuffer()
    const shown = await avatars.shown(headers, upload)
    for (const y of [2, 32, 61]) expectColour(await pixelAt(shown, 32, y), 0, 0, 255)
  })

  test.each([
    'text/plain',
    'image/jpeg',
    'image/svg+xml',
    'application/octet-stream',
    'application/x-www-form-urlencoded',
    'multipart/mixed',
  ])('is what its bytes are, whatever it is called: %s', async (type) => {
    const { headers } = await users.aPerson()
    const response = await avatars.put(headers, await aPng(), { 'content-type': type })
    expect(response.status).toBe(200)
  })

  test('that is called JSON is 400, as anything that is not text', async () => {
    const { headers } = await users.aPerson()
    const upload = await aPng()
    const response = await avatars.put(headers, upload, { 'content-type': 'application/json' })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'malformed_body' })
  })

  test('with its content hash in the URL is kept for ever, without it is asked for again', async () => {
    const { userId, headers } = await users.aPerson()
    const { url } = await answerOf(await avatars.put(headers, await aPng()))
    const kept = await users.request(url)
    expect(kept.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect((await sharp(await kept.arrayBuffer()).metadata()).width).toBe(256)
    for (const query of ['', '?v=wrong', '?size=256']) {
      const response = await avatars.read(userId, query)
      expect(response.headers.get('cache-control')).toBe('public, no-cache')
      await response.body?.cancel()
    }
    const etag = kept.headers.get('etag') ?? ''
    const again = await avatars.read(userId, '', { 'if-none-match': etag })
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag])
    const other = await avatars.read(userId, '?size=64', { 'if-none-match': etag })
    expect(other.status).toBe(200)
    await other.body?.cancel()
  })

  test('is told of by HEAD, without its bytes', async () => {
    const { userId, headers } = await users.aPerson()
    await avatars.put(headers, await aPng())
    const response = await users.request(`/users/${userId}/avatar`, { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(response.headers.get('content-type')).toBe('image/webp')
  })

  test.each(['65', '0', '-64', '64.0', 'large', ''])('of the size %j is 422', async (size) => {
    const { userId } = await users.aPerson()
    const response = await avatars.read(userId, `?size=${size}`)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ pointer: '#/size' }] })
  })

  test('of an unknown user is 404, and so is one that was never set', async () => {
    const { userId } = await users.aPerson()
    const never = await avatars.read(userId)
    expect([never.status, await never.json()]).toMatchObject([404, { code: 'avatar_not_found' }])
    const unknown = await avatars.read(999_999)
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'user_not_found' }])
  })
})

describe('a form', () => {
  test('with the field avatar is as good as the bytes', async () => {
    const { userId, headers } = await users.aPerson()
    const form = new FormData()
    form.set(
      'avatar',
      new File([new Uint8Array(await anotherPng())], 'me.svg', { type: 'text/html' }),
    )
    const response = await avatars.put(headers, form)
    expect(response.status).toBe(200)
    expect(await avatars.urlInProfile(userId)).toBe((await answerOf(response)).url)
  })

  test.each([
    ['without the field', 'other', new File(['x'], 'x.png')],
    ['with text in the field', 'avatar', 'text'],
  ])('%s is 422', async (_, name, value) => {
    const { headers } = await users.aPerson()
    const form = new FormData()
    form.append(name, value)
    const response = await avatars.put(headers, form)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ pointer: '#/avatar' }] })
  })

  test.each([
    ['that breaks off', 'multipart/form-data; boundary=b', '--b\r\nContent-Disposition: form-da'],
    ['without a boundary', 'multipart/form-data', '--b\r\n\r\n--b--'],
    ['of something else', 'multipart/form-data; boundary=b', 'something else'],
  ])('%s is 400', async (_, type, body) => {
    const { headers } = await users.aPerson()
    const response = await avatars.put(headers, body, { 'content-type': type })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'malformed_body' })
  })
})
