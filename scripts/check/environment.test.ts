import { expect, test } from 'vitest'
import { checkEnvironment } from './environment.ts'
import { linesOf, projectOf } from './testing/project-of.ts'

const gateway = { 'apisix/apisix.yaml': `key: \${{ROUTE_KEY:=none}}`, 'apisix/config.yaml': '' }

function check(files: Record<string, string>, names: string[]): string[] {
  const variables = new Map([['auth/src/config.ts', names]])
  return linesOf(checkEnvironment(projectOf({ ...gateway, ...files }), variables))
}

test('an example that shows every variable, in a comment or as a file, is accepted', () => {
  const example = 'PORT=1\n# AUDIENCE=a\n#KEY_FILE=/run/key\nROUTE_KEY=\n'
  expect(check({ '.env.example': example }, ['PORT', 'AUDIENCE', 'KEY'])).toEqual([])
})

test('a variable that is read and not shown is refused, and one that is shown and not read', () => {
  expect(check({ '.env.example': 'PORT=1\nOLD=1\n' }, ['PORT', 'NEW'])).toEqual([
    'auth/src/config.ts:1 .env.example does not show NEW.',
    'apisix/apisix.yaml:1 .env.example does not show ROUTE_KEY.',
    '.env.example:2 Nothing reads OLD.',
  ])
})

test('a missing example and a file without a schema are refused', () => {
  expect(check({}, ['PORT'])).toEqual(['.env.example:1 It is missing.'])
  expect(check({ '.env.example': 'ROUTE_KEY=\n' }, [])).toEqual([
    'auth/src/config.ts:1 It does not export a zod object named configSchema.',
  ])
})
