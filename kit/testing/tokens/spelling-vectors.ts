import { encode, goodToken, signed, type Vector } from './forge.ts'

const spelled = (name: string, edit: (token: string) => string): Vector => [
  name,
  (forge) => edit(goodToken(forge)),
]

const megabyte = 2 ** 20

const spellings: Vector[] = [
  ...['=', '==', '%3D', '\u00a0', '~', '#', '.', '..', '.e30', '.e30.e30'].map((end) =>
    spelled(`${JSON.stringify(end)} at the end`, (token) => `${token}${end}`),
  ),
  ...['.', '=', '"', 'Bearer:', '\u00a0'].map((start) =>
    spelled(`${JSON.stringify(start)} at the start`, (token) => `${start}${token}`),
  ),
  ...['=.', '..', ' .', '. ', '\t.', '%2e', '。', '．', '․', '·', ',', ':', '/'].map((dot) =>
    spelled(`${JSON.stringify(dot)} for a dot`, (token) => token.replace('.', dot)),
  ),
  spelled('a space in the middle of a part', (token) => `${token.slice(0, 9)} ${token.slice(9)}`),
  spelled('a sign that is no letter of base64url', (token) => token.replace('.', '!.')),
  [
    'the letters of plain base64',
    ({ privateKey, header, claims }) =>
      signed(privateKey, header, { ...claims, a: '>>>???~~~' })
        .replaceAll('-', '+')
        .replaceAll('_', '/'),
  ],
  spelled('other spare bits at its end', (token) => otherLastLetter(token)),
  ...[1, 2, 10, 43, 85].map((letters) =>
    spelled(`${letters} letters cut off`, (token) => token.slice(0, -letters)),
  ),
  ...[[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 1, 2], [2, 1, 0], [1, 0, 2]].map((order) =>
    spelled(`only the parts ${order}`, (token) =>
      order.map((at) => token.split('.')[at]).join('.'),
    ),
  ),
  spelled('its first part empty', (token) => token.replace(/^[^.]+/, '')),
  spelled('its second part empty', (token) => token.replace(/\.[^.]+\./, '..')),
  spelled('itself twice', (token) => `${token}.${token}`),
  spelled('itself twice, with a comma', (token) => `${token},${token}`),
  spelled('itself, encoded again', (token) => encode(token)),
  spelled('itself in capitals', (token) => token.toUpperCase()),
  spelled('itself backwards', (token) => [...token].reverse().join('')),
  spelled('a megabyte at its end', (token) => `${token}${'A'.repeat(megabyte)}`),
  spelled('a megabyte of dots', () => '.'.repeat(megabyte)),
  spelled('a megabyte of one letter', () => 'A'.repeat(megabyte)),
  spelled('words for nothing', () => 'undefined'),
  spelled('JSON instead', (token) => {
    const [header, payload, signature] = token.split('.')
    return JSON.stringify({ protected: header, payload, signature })
  }),
]

function otherLastLetter(token: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  // 64 bytes end with two significant bits and four spare ones.
  return token.slice(0, -1) + letters[letters.indexOf(token.slice(-1)) ^ 1]
}

const header = (name: string, edit: (json: string) => string | Uint8Array): Vector => [
  name,
  (forge) => signed(forge.privateKey, edit(JSON.stringify(forge.header)), forge.claims),
]

const headers: Vector[] = [
  ...['', '{', '{}', '[]', 'null', 'true', '1', '"EdDSA"', "{'alg':'EdDSA'}"].map((text) =>
    header(`the header ${JSON.stringify(text)}`, () => text),
  ),
  header('a header in an array', (text) => `[${text}]`),
  header('something after its header', (text) => `${text}{}`),
  header('a header in UTF-16', (text) => Buffer.from(text, 'utf16le')),
  header('all of its header in __proto__', (text) => `{"__proto__":${text}}`),
  ...['"alg":"none"', '"alg":"HS256"', '"typ":"JWT"', '"kid":"other"', '"crit":["x"]'].map(
    (member) => header(`${member} as a second member`, (text) => text.replace(/}$/, `,${member}}`)),
  ),
  [
    'another token of auth inside',
    (forge) => signed(forge.privateKey, { ...forge.header, cty: 'JWT' }, goodToken(forge)),
  ],
  [
    'an encryption around it',
    (forge) =>
      [
        encode({ ...forge.header, alg: 'dir', enc: 'A256GCM' }),
        '',
        encode('iv'),
        encode(goodToken(forge)),
        encode('tag'),
      ].join('.'),
  ],
]

export const spellingVectors: readonly Vector[] = [...spellings, ...headers]
