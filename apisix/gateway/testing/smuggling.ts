import { chunkAttacks } from './smuggling-chunks.ts'
import { lineAttacks } from './smuggling-lines.ts'
import { type Attack, hello, message, post } from './smuggling-message.ts'

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'

/** A length that covers only the beginning of what a reader of chunks would take, and the other way round. */
const twoFramings: Attack[] = [
  [
    'CL.TE',
    message(['Content-Length: 6', 'Transfer-Encoding: chunked'], `0\r\n\r\nG${smuggled}`),
    'refused',
  ],
  [
    'TE.CL',
    message(['Transfer-Encoding: chunked', 'Content-Length: 4'], `5c\r\n${smuggled}`),
    'refused',
  ],
  ['CL.0 and TE', message(['Content-Length: 0', 'Transfer-Encoding: chunked'], hello), 'refused'],
  [
    'a length and chunks named in Connection',
    message(
      ['Content-Length: 4', 'Transfer-Encoding: chunked', 'Connection: Transfer-Encoding'],
      hello,
    ),
    'refused',
  ],
  [
    'chunks in HTTP/1.0',
    message(['Transfer-Encoding: chunked', 'Content-Length: 5'], hello, 'POST /first HTTP/1.0'),
    'refused',
  ],
]

const encodings: Attack[] = [
  ...[
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding: chunked, chunked',
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding: identity, chunked, identity',
    'Transfer-Encoding: chunked;q=1',
    'Transfer-Encoding: "chunked"',
    'Transfer-Encoding: identity',
    'Transfer-Encoding: chun ked',
    'Transfer-Encoding: chunked\0',
    'Transfer-Encoding: \x0bchunked',
    'Transfer-Encoding: chunked\x0b',
    'Transfer-Encoding: \xa0chunked',
    'Transfer-Encoding\0: chunked',
    'Transfer-Encoding\x0b: chunked',
    'Transfer-Encoding : chunked',
    'Transfer-Encoding\t: chunked',
    'Transfer-Encoding:\r\n chunked',
    'Transfer-Encoding:\n chunked',
    'X: y\nTransfer-Encoding: chunked',
    'X: y\rTransfer-Encoding: chunked',
    ' Transfer-Encoding: chunked',
    'Transfer-Encoding',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
    'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding:',
  ].flatMap((field): Attack[] => [
    [JSON.stringify(field), message([field], hello), 'refused'],
    [
      `${JSON.stringify(field)} behind a length`,
      message(['Content-Length: 5', field], hello),
      'refused',
    ],
  ]),
  ['an encoding in capitals', message(['TRANSFER-ENCODING: CHUNKED'], hello), post('hello')],
  [
    'an encoding with an underscore',
    message(['Content-Length: 5', 'Transfer_Encoding: chunked'], 'hello'),
    post('hello'),
  ],
  ['TE: chunked', message(['Content-Length: 5', 'TE: chunked'], 'hello'), post('hello')],
]

const lengths: Attack[] = [
  ...[
    '+5',
    '-5',
    '0x5',
    '5 5',
    '5,5',
    '5, 6',
    '5;',
    '5.0',
    '1e1',
    '5\0',
    '5\x0b',
    '\x0b5',
    '',
    '\xb25',
    '99999999999999999999',
    '18446744073709551621',
  ].map(
    (length): Attack => [
      `Content-Length: ${JSON.stringify(length)}`,
      message([`Content-Length: ${length}`], 'hello'),
      'refused',
    ],
  ),
  ...[
    'Content-Length: 5\r\nContent-Length: 6',
    'Content-Length: 5\r\nContent-Length: 5',
    'Content-Length: 0\r\ncontent-length: 5',
    'Content-Length : 5',
    'Content-Length\t: 5',
    ' Content-Length: 5',
    'Content-Length:\r\n 5',
    'X: y\nContent-Length: 5',
  ].map((field): Attack => [JSON.stringify(field), message([field], 'hello'), 'refused']),
  ['a length with spaces around it', message(['Content-Length:  5 \t'], 'hello'), post('hello')],
  ['a length with leading zeros', message(['Content-Length: 0005'], 'hello'), post('hello')],
  [
    'a length with an underscore',
    message(['Content_Length: 9', 'Content-Length: 5'], 'hello'),
    post('hello'),
  ],
  [
    'a length named in Connection',
    message(['Content-Length: 5', 'Connection: Content-Length'], 'hello'),
    post('hello'),
  ],
  ['no length', message([], ''), post('')],
]

/** Messages that two readers could end at different places. */
export const attacks: readonly Attack[] = [
  ...twoFramings,
  ...encodings,
  ...lengths,
  ...chunkAttacks,
  ...lineAttacks,
]

/** A request of its own that follows each of them. */
export const behind = 'GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
