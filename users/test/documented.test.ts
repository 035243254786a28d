import { expect, test } from 'vitest'
import { startUsers } from './start-users.ts'

test('an avatar is documented as null only where a profile may have none', async () => {
  await using users = await startUsers()
  const answer = await users.request('/users/openapi.json')
  const { schemas } = Object(await answer.json()).components
  expect(schemas.Avatar.type).toBe('object')
  const avatar = { anyOf: [{ $ref: '#/components/schemas/Avatar' }, { type: 'null' }] }
  expect(schemas.Profile.properties.avatar).toEqual(avatar)
  expect(schemas.OwnProfile.properties.avatar).toEqual(avatar)
})
