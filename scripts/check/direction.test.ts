import { describe, expect, test } from 'vitest'
import { checkDirection } from './direction.ts'
import { linesOf, projectOf } from './testing/project-of.ts'

const readme = `# users

## Feature folders

From the ground up:

1. \`profile/\`: the page of a user
2. \`follow/\`, \`avatar/\`: what stands on a profile

## Another section

- \`elsewhere/\`
`
const folders = {
  'users/README.md': readme,
  'users/src/profile/profile.ts': '',
  'users/src/follow/follow.ts': '',
  'users/src/avatar/avatar.ts': '',
  'users/src/wire.ts': '',
  'users/src/commands/events.ts': '',
  'kit/README.md': '## Rooms\n\n- `async/`\n- `blobs/`, `key-value/`\n- `commands/`\n',
  'kit/async/a.ts': '',
  'kit/blobs/a.ts': '',
  'kit/key-value/a.ts': '',
  'kit/commands/a.ts': '',
  'kit/testing/a.ts': '',
  'contracts/services.ts': '',
  'auth/src/wire.ts': '',
  'auth/src/app.ts': '',
}

function check(files: Record<string, string>): string[] {
  return linesOf(checkDirection(projectOf({ ...folders, ...files })))
}

/** What is said of an import in one file of another. */
function importing(from: string, to: string): string[] {
  const up = '../'.repeat(from.split('/').length - 1)
  return check({ [from]: `import type { A } from '${up}${to}'` })
}

test.each([
  ['a folder above', 'users/src/profile/a.ts', 'users/src/follow/follow.ts'],
  ['a folder of the same rank', 'users/src/follow/a.ts', 'users/src/avatar/avatar.ts'],
  ['the root of its service', 'users/src/profile/a.ts', 'users/src/wire.ts'],
  ['commands', 'users/src/wire.ts', 'users/src/commands/events.ts'],
  ['a room above', 'kit/async/b.ts', 'kit/blobs/a.ts'],
  ['a room of the same rank', 'kit/key-value/b.ts', 'kit/blobs/a.ts'],
  ['testing, in kit', 'kit/commands/b.ts', 'kit/testing/a.ts'],
  ['testing, in a service', 'users/src/profile/a.ts', 'kit/testing/a.ts'],
  ['another service', 'users/src/wire.ts', 'auth/src/wire.ts'],
  ['a service, in kit', 'kit/commands/b.ts', 'auth/src/wire.ts'],
  ['kit, in contracts', 'contracts/identity.ts', 'kit/async/a.ts'],
  ['more of a service than its wire.ts, in embedded', 'embedded/src/a.ts', 'auth/src/app.ts'],
])('an import of %s is refused, of a type too', (_, from, to) => {
  const [violation, ...more] = importing(from, to)
  expect(violation).toMatch(`${from}:1 `)
  expect(violation).toContain(to)
  expect(more).toEqual([])
})

test.each([
  ['a folder below', 'users/src/avatar/a.ts', 'users/src/profile/profile.ts'],
  ['a folder, in the root', 'users/src/app.ts', 'users/src/avatar/avatar.ts'],
  ['the root, in commands', 'users/src/commands/admin.ts', 'users/src/wire.ts'],
  ['the root, in a test', 'users/src/profile/a.test.ts', 'users/src/wire.ts'],
  ['a room below', 'kit/commands/b.ts', 'kit/blobs/a.ts'],
  ['contracts, in kit', 'kit/async/b.ts', 'contracts/services.ts'],
  ['kit, in a service', 'users/src/follow/a.ts', 'kit/commands/a.ts'],
  ['every room, in testing', 'kit/testing/b.ts', 'kit/commands/a.ts'],
  ['testing, in a test', 'kit/async/b.test.ts', 'kit/testing/a.ts'],
  ['the wire.ts of a service, in embedded', 'embedded/src/a.ts', 'auth/src/wire.ts'],
])('an import of %s is accepted', (_, from, to) => {
  expect(importing(from, to)).toEqual([])
})

describe('the list of a README', () => {
  test('that lacks a folder is refused', () => {
    expect(check({ 'users/src/search/search.ts': '' })).toEqual([
      'users/README.md:1 The list lacks users/src/search/.',
    ])
  })

  test('with a folder that does not exist is refused', () => {
    const longer = readme.replace('`avatar/`', '`avatar/`, `search/`')
    expect(check({ 'users/README.md': longer })).toEqual([
      'users/README.md:1 The list has search/, which is not in users/src/.',
    ])
  })

  test('is needed in a service, not yet in the gateway', () => {
    expect(check({ 'users/README.md': '# users\n', 'apisix/gateway/http/a.ts': '' })).toEqual([
      'users/README.md:1 It does not list the folders under "## Feature folders" or "## Rooms".',
    ])
  })

  test('holds in the gateway where there is one', () => {
    const files = {
      'apisix/gateway/README.md': '## Rooms\n\n1. `http/`\n2. `routing/`\n',
      'apisix/gateway/http/a.ts': "import '../routing/a.ts'",
      'apisix/gateway/routing/a.ts': '',
    }
    expect(check(files)).toHaveLength(1)
  })
})
