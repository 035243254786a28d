import { type App, type AppContext, requireMember } from '@ego/kit/http/app'
import { malformedBody, orBrokenOff } from '@ego/kit/http/body-limit'
import { jsonAnswer, memberOnly, problems } from '@ego/kit/http/openapi'
import { Problem } from '@ego/kit/http/problem'
import { invalidField } from '@ego/kit/http/validation'
import { createRoute } from '@hono/zod-openapi'
import { avatarSchema, avatarView } from '../profile/avatar.ts'
import { isSimpleForm } from './upload.ts'
import type { removeAvatar, setAvatar } from './use-cases.ts'

export const avatarPath = '/users/me/avatar'
const uploadBytesMax = 5 * 1024 * 1024
/** With room for the frame of a form. */
export const avatarBodyBytesMax = uploadBytesMax + 64 * 1024

const binary = { type: 'string', format: 'binary' } as const

const set = createRoute({
  method: 'put',
  path: avatarPath,
  tags: ['avatar'],
  summary: 'Set your avatar',
  description:
    'The bytes of a jpeg, png, webp, gif or avif image, alone or as the form field `avatar`; up to 5 MB and 50 megapixels. ' +
    'What it is, is seen by its content, whatever Content-Type or file name say of it (but a body that is called JSON must ' +
    'be text); metadata is not kept.',
  security: memberOnly,
  // Not as `request`, whose types of content would be insisted on: curl says of a file that it is a form.
  requestBody: {
    required: true,
    content: {
      'image/*': { schema: binary },
      'multipart/form-data': { schema: { type: 'object', properties: { avatar: binary } } },
    },
  },
  responses: {
    200: jsonAnswer('The avatar', avatarSchema),
    ...problems({
      400: '`malformed_body`',
      401: '`not_signed_in`, `token_invalid`',
      404: '`profile_not_found`',
      413: '`body_too_large`',
      415: '`unsupported_media_type`',
      422: '`image_too_large`, `validation_failed`',
      503: '`busy`, `unavailable`',
    }),
  },
})

const remove = createRoute({
  method: 'delete',
  path: avatarPath,
  tags: ['avatar'],
  summary: 'Remove your avatar',
  security: memberOnly,
  responses: {
    204: { description: 'You have no avatar, as you may never have had.' },
    ...problems({ 401: '`not_signed_in`, `token_invalid`', 503: '`unavailable`' }),
  },
})

type Deps = {
  setAvatar: ReturnType<typeof setAvatar>
  removeAvatar: ReturnType<typeof removeAvatar>
}

export function mountAvatar(app: App, { setAvatar, removeAvatar }: Deps): void {
  // Only documented as it is: what reads bodies by their Content-Type would take the bytes of an image for a form.
  app.openAPIRegistry.registerPath(set)
  app.put(avatarPath, async (c) => {
    const { userId } = requireMember(c)
    const avatar = await setAvatar(userId, await readUpload(c), c.get('requestId'))
    return c.json(avatarView(avatar), 200)
  })

  app.openapi(remove, async (c) => {
    await removeAvatar(requireMember(c).userId, c.get('requestId'))
    return c.body(null, 204)
  })
}

async function readUpload(c: AppContext): Promise<Uint8Array> {
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
