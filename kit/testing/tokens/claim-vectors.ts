import { signed, spoiled, type Vector, withClaims } from './forge.ts'

const texts: Vector[] = ['iss', 'aud', 'sub', 'sid'].flatMap((name): Vector[] => [
  ...spoiled(withClaims, name, [undefined, null, '', 0, 1, true, {}, []]),
  [`${name} in an array`, (forge) => withClaims({ [name]: [forge.claims[name]] })(forge)],
  [`${name} in an object`, (forge) => withClaims({ [name]: { 0: forge.claims[name] } })(forge)],
])

/** Must equal the configured value exactly. */
const names: Vector[] = ['iss', 'aud'].flatMap((name): Vector[] => [
  [`${name} of another`, withClaims({ [name]: 'http://elsewhere' })],
  [`${name} and a slash`, (forge) => withClaims({ [name]: `${forge.claims[name]}/` })(forge)],
  [`${name} and a space`, (forge) => withClaims({ [name]: `${forge.claims[name]} ` })(forge)],
  [`${name} and a zero`, (forge) => withClaims({ [name]: `${forge.claims[name]}\u0000` })(forge)],
  [
    `${name} in capitals`,
    (forge) => withClaims({ [name]: String(forge.claims[name]).toUpperCase() })(forge),
  ],
  [`${name} among others`, (forge) => withClaims({ [name]: [forge.claims[name], 'b'] })(forge)],
])

const subjects = spoiled(withClaims, 'sub', [
  ...[
    'admin',
    '0',
    '-1',
    '+1',
    '01',
    '1.0',
    '1e3',
    '0x1',
    ' 1',
    '1 ',
    '1\n',
    '１',
    '1,2',
    '1\u0000',
  ],
  ...['NaN', 'Infinity', "1' or '1'='1", '9007199254740993', '99999999999999999'],
])

const roles = spoiled(withClaims, 'roles', [
  ...[undefined, null, '', 'staff', 1, true, {}, { 0: 'staff', length: 1 }, [1], [null]],
  ...[['a,staff'], [['staff']], [''], ['Staff'], [' staff'], ['staff\n'], ['staff\r\nx: y']],
])

const badTimes = ['', '1', 'NaN', 'Infinity', null, true, false, [], {}, [1]]

const times: Vector[] = [
  ...['exp', 'iat', 'nbf'].flatMap((name): Vector[] => [
    ...spoiled(withClaims, name, badTimes),
    [`${name} as text`, (forge) => withClaims({ [name]: String(forge.claims.iat) })(forge)],
    [`${name} as a date`, withClaims({ [name]: '2026-01-01T00:00:00Z' })],
    ...spoiled(withClaims, name, [2 ** 53, 1e300]),
  ]),
  ...spoiled(withClaims, 'exp', [undefined, 0, -1, -(2 ** 53), 99_999_999_999]),
  ...spoiled(withClaims, 'iat', [undefined, 0, -1, 99_999_999_999]),
  ['exp with a fraction', (forge) => withClaims({ exp: Number(forge.claims.exp) - 0.5 })(forge)],
  ['iat with a fraction', (forge) => withClaims({ iat: Number(forge.claims.iat) + 0.5 })(forge)],
  ['exp in milliseconds', (forge) => withClaims({ exp: Number(forge.claims.exp) * 1000 })(forge)],
  ['the end at its start', (forge) => withClaims({ iat: forge.claims.exp })(forge)],
  ['the end before its start', (forge) => withClaims({ iat: Number(forge.claims.exp) + 1 })(forge)],
  ['a life of a day', (forge) => withClaims({ exp: Number(forge.claims.iat) + 86_400 })(forge)],
  [
    'an end that is over',
    (forge) => withClaims({ exp: Number(forge.claims.iat) - 1, iat: 1 })(forge),
  ],
  ['a start in ten minutes', (forge) => withClaims({ nbf: Number(forge.claims.iat) + 600 })(forge)],
]

const asText = (name: string, edit: (json: string) => string | Uint8Array): Vector => [
  name,
  ({ privateKey, header, claims }) => signed(privateKey, header, edit(JSON.stringify(claims))),
]

/** Invalid JSON, and members that appear twice, of which parsers take the last one. */
const json: Vector[] = [
  ...['', '{', '{}', '[]', 'null', 'true', '1', '"text"', '{"exp":}', "{'sub':'1'}"].map((text) =>
    asText(`the claims ${JSON.stringify(text)}`, () => text),
  ),
  asText('claims in an array', (text) => `[${text}]`),
  asText('claims as text in text', (text) => JSON.stringify(text)),
  asText('something after the claims', (text) => `${text}{}`),
  asText('a comment in the claims', (text) => text.replace('{', '{/**/')),
  asText('a comma too many', (text) => text.replace(/}$/, ',}')),
  asText('claims in UTF-16', (text) => Buffer.from(text, 'utf16le')),
  asText('claims that are no UTF-8', (text) =>
    Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from(',"a":"\xff"}', 'latin1')]),
  ),
  ...['NaN', 'Infinity', '1e999', '-1e999', '0x7fffffff', '0777', '+1', '1_000', '.5'].map(
    (number) => asText(`the end ${number}`, (text) => text.replace(/"exp":\d+/, `"exp":${number}`)),
  ),
  ...['"sub":"0"', '"aud":"x"', '"exp":1', '"sid":1', '"roles":"staff"', '"iss":null'].map(
    (member) => asText(`a second ${member}`, (text) => text.replace(/}$/, `,${member}}`)),
  ),
  asText('all claims in __proto__', (text) => `{"__proto__":${text}}`),
]

export const claimVectors: readonly Vector[] = [
  ...texts,
  ...names,
  ...subjects,
  ...roles,
  ...times,
  ...json,
]
