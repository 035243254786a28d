import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml'
import { realFile } from '../testing/gateway.ts'
import { GatewayFileError, loadGatewayFile, parseGatewayFile } from './load.ts'

const realText = await readFile(realFile, 'utf8')

function problemsOf(text: string, environment = {}): readonly string[] {
  try {
    parseGatewayFile('apisix.yaml', text, environment)
    return []
  } catch (error) {
    if (error instanceof GatewayFileError) return error.problems
    throw error
  }
}

const minimal = `routes:
  - id: a
    uri: /a
    upstream_id: app
upstreams:
  - id: app
    nodes: { "app:1": 1 }
`

test('the real apisix.yaml loads', async () => {
  const file = await loadGatewayFile(realFile, {})
  expect(file.routes.length).toBeGreaterThan(15)
})

describe('a typo', () => {
  const keys = listKeys(realText)

  test('is looked for in every key of the file', () => {
    expect(keys.length).toBeGreaterThan(250)
    expect(keys.map(({ name }) => name)).toContain('max_body_size')
  })

  test('in any key of apisix.yaml is refused with its line, column and name', () => {
    const missed = keys.filter(({ name, offset, length, place }) => {
      const text = `${realText.slice(0, offset)}${name}x${realText.slice(offset + length)}`
      return !problemsOf(text).some(
        (problem) => problem.startsWith(`apisix.yaml:${place} `) && problem.includes(`${name}x`),
      )
    })
    expect(missed).toEqual([])
  })
})

type Key = { name: string; offset: number; length: number; place: string }

/** Every key but the names of HTTP headers, which are free. */
function listKeys(text: string): Key[] {
  const lines = new LineCounter()
  const keys: Key[] = []
  visit(parseDocument(text, { lineCounter: lines }), {
    Pair(_key, pair: Pair, path) {
      const key = pair.key as Scalar<string>
      const parent = path.findLast((node) => 'key' in node) as Pair | undefined
      const [start = 0, end = 0] = key.range ?? []
      const isHeader =
        isScalar(parent?.key) && parent.key.value === 'headers' && key.value !== 'remove'
      if (isHeader) return
      const { line, col } = lines.linePos(start)
      keys.push({ name: key.value, offset: start, length: end - start, place: `${line}:${col}` })
    },
  })
  return keys
}

test('all problems are listed at once, each with its place', () => {
  const text = `routes:
  - id: a
    uri: /a
    upstream_id: app
    pluginz: {}
  - id: b
    uri: users
    upstream_id: app
    plugins:
      cors: { max_age: soon }
      jwt-auth: {}
#END
`
  expect(problemsOf(text)).toEqual(
    [
      'apisix.yaml:7:5 routes[1].uri: must start with / and may have one * at its end',
      'apisix.yaml:10:15 routes[1].plugins.cors.max_age: Invalid input: expected number, received string',
      'apisix.yaml:11:7 routes[1].plugins.jwt-auth: unknown key, or one that this engine does not implement',
      'apisix.yaml:5:5 routes[0].pluginz: unknown key, or one that this engine does not implement',
    ].toSorted(byText(problemsOf(text))),
  )
})

/** zod decides the order of the list; the content is what counts. */
function byText(order: readonly string[]) {
  return (a: string, b: string) => order.indexOf(a) - order.indexOf(b)
}

test.each([
  ['an unknown service', 'upstream_id: app', 'service_id: unknown', '4:5 routes[0].service_id'],
  ['an unknown upstream', 'upstream_id: app', 'upstream_id: ap', '4:5 routes[0].upstream_id'],
  ['a route without upstream', 'upstream_id: app', 'name: x', '2:5 routes[0]'],
  ['a bad node', '"app:1": 1', '"app": 1', 'upstreams[0].nodes'],
  ['an unknown method', 'uri: /a', 'uri: /a\n    methods: [GTE]', 'routes[0].methods[0]'],
  ['a star in the middle', 'uri: /a', 'uri: /a*b', 'routes[0].uri'],
  ['uri and uris', 'uri: /a', 'uri: /a\n    uris: [/b]', 'routes[0]'],
  ['two keys of one name', 'uri: /a', 'uri: /a\n    uri: /b', 'Map keys must be unique'],
  ['a filter function', 'uri: /a', 'uri: /a\n    filter_func: function(vars) end', 'filter_func'],
  ['a websocket route', 'uri: /a', 'uri: /a\n    enable_websocket: true', 'enable_websocket'],
  ['consistent hashing', 'nodes:', 'type: chash\n    nodes:', 'upstreams[0].type'],
  [
    'an unknown _meta',
    'uri: /a',
    'uri: /a\n    plugins: { cors: { _meta: { prioritee: 1 } } }',
    '_meta.prioritee',
  ],
  [
    'a bad variable',
    'uri: /a',
    'uri: /a\n    plugins: { redirect: { uri: /$hots } }',
    'unknown variable $hots',
  ],
  [
    'a bad pattern',
    'uri: /a',
    'uri: /a\n    plugins: { redirect: { regex_uri: ["(", x] } }',
    'regex_uri',
  ],
  [
    'a bad pattern of either kind in vars',
    'uri: /a',
    'uri: /a\n    vars: [[uri, "~*", "("], [uri, "!", "~~", "["]]',
    'routes[0].vars[0]: is not a regular expression\napisix.yaml:4:30 routes[0].vars[1]: is not a regular expression',
  ],
  [
    'a list for one value',
    'uri: /a',
    'uri: /a\n    vars: [[uri, "==", [a, b]]]',
    'vars[0]: needs a list with in',
  ],
  [
    'a connect timeout other than the upstream’s',
    'upstream_id: app',
    'upstream_id: app\n    timeout: { connect: 1, send: 60, read: 60 }',
    '5:16 routes[0].timeout.connect: must be 60',
  ],
])('%s is refused', (_what, from, to, expected) => {
  const problems = problemsOf(`${minimal.replace(from, to)}#END\n`)
  expect(problems.join('\n')).toContain(expected)
})

test('the same id twice is refused', () => {
  const twice = minimal.replace('routes:', 'routes:\n  - { id: a, uri: /b, upstream_id: app }')
  expect(problemsOf(`${twice}#END`)).toEqual([
    'apisix.yaml:3:5 routes[1].id: the id a is taken already',
  ])
})

test('a plugin in two global rules is refused, because APISIX would run neither', () => {
  const rules = `global_rules:
  - { id: 1, plugins: { cors: {} } }
  - { id: 2, plugins: { cors: {} } }
`
  expect(problemsOf(`${minimal}${rules}#END`).join()).toContain('global_rules[1].plugins.cors')
})

test('a file without #END is refused, because APISIX would not read it', () => {
  expect(problemsOf(minimal).join()).toContain('#END is missing')
  expect(problemsOf(`${minimal}#END\n`)).toEqual([])
})

test('broken YAML is refused with its place', () => {
  expect(problemsOf('routes: [\n#END').join()).toMatch(/^apisix\.yaml:\d+:\d+ /)
  expect(problemsOf('routes: *users\n#END').join()).toContain('1:1 Unresolved alias')
})

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are APISIX's references
describe('the environment', () => {
  const load = (value: string, environment = {}) => {
    const plugins = `    plugins: { limit-count: { count: ${value}, time_window: 60 } }`
    return parseGatewayFile(
      'f',
      `${minimal.replace('    upstream_id', `${plugins}\n    upstream_id`)}#END`,
      environment,
    )
  }
  const countOf = (value: string, environment = {}) =>
    JSON.parse(JSON.stringify(load(value, environment).routes[0]?.plugins)) as object

  test('fills in a value as the number it reads as, before the default', () => {
    const expected = (count: number) => ({ 'limit-count': { settings: { count } } })
    expect(countOf('"${{N:=5}}"')).toMatchObject(expected(5))
    expect(countOf('"${{ N:=5 }}"')).toMatchObject(expected(5))
    expect(countOf('"${{N:=5}}"', { N: '7' })).toMatchObject(expected(7))
    expect(countOf('"${{N}}0"', { N: '7' })).toMatchObject(expected(70))
  })

  test('without a value and a default is refused by name', () => {
    expect(() => load('"${{N}}"')).toThrow(/f:4:38 N is not set and has no default/)
  })

  test('in a form that APISIX leaves alone is refused', () => {
    expect(() => load('"${{N := 5}}"')).toThrow(/APISIX would not fill/)
  })

  test('with a value that does not fit is refused', () => {
    expect(() => load('"${{N}}"', { N: 'many' })).toThrow(/limit-count\.count/)
  })
})

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: these are APISIX's references

test('every spelling of every identity header is removed by a global rule', async () => {
  const file = await loadGatewayFile(realFile, {})
  const rewrite = JSON.stringify(file.global_rules[0]?.plugins['proxy-rewrite'])
  for (const name of ['X-User-ID', 'X-User-Roles', 'X-Session-ID', 'X-User-Assertion']) {
    const [a = '', b = '', c = ''] = name.split('-')
    for (const first of '-_') {
      for (const second of '-_') expect(rewrite).toContain(`"${a}${first}${b}${second}${c}"`)
    }
  }
})

test('services differ in who they ask and in nothing else', () => {
  const services = parseDocument(realText).get('services')
  if (!isSeq(services)) throw new Error('There are no services.')
  const settings = services.items.map((item) => isMap(item) && item.toJSON())
  const withAuth = settings.flatMap((item) => item.plugins['forward-auth'] ?? [])
  const withoutUri = withAuth.map(({ uri: _uri, ...rest }) => rest)
  expect(withAuth).toHaveLength(3)
  expect(new Set(withoutUri.map((item) => JSON.stringify(item))).size).toBe(1)
})
