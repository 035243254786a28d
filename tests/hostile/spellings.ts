/** Spellings of a path that one parser may accept and another may not, as bytes of a request line. */
export function spellingsOf(path: string): string[] {
  return [...directSpellings(path), ...fromElsewhere(path)]
}

/** Spellings of the path itself. */
export function directSpellings(path: string): string[] {
  const last = path.slice(path.lastIndexOf('/') + 1)
  const parent = path.slice(0, path.lastIndexOf('/'))
  return [
    ...ofSlashesAndDots(path, parent, last),
    ...ofEscapes(path, parent, last),
    ...ofEnds(path),
    ...ofOrigins(path),
  ].map(toBytes)
}

function toBytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}

function ofSlashesAndDots(path: string, parent: string, last: string): string[] {
  return [
    path,
    `/${path}`,
    `//${path}`,
    path.replaceAll('/', '//'),
    path.replaceAll('/', '/./'),
    `/.${path}`,
    `/./.${path}`,
    `${parent}/x/../${last}`,
    `${parent}/./${last}`,
    `${parent}/.../${last}`,
    `${parent}/..;/${last}`,
    `${parent}/;/${last}`,
    `${parent}\\${last}`,
    path.replaceAll('/', '\\'),
    `${parent}/x\\..\\${last}`,
    `${parent}/x%5c..%5c${last}`,
    `/..${path}`,
    `/%2e%2e${path}`,
  ]
}

function ofEscapes(path: string, parent: string, last: string): string[] {
  const hex = (text: string) => Buffer.from(text).toString('hex').replace(/../g, '%$&')
  return [
    `${parent}/${hex(last)}`,
    `${parent}/${hex(last).toUpperCase()}`,
    `${parent}%2f${last}`,
    `${parent}%2F${last}`,
    `${parent}%252f${last}`,
    `${parent}/%2e/${last}`,
    `${parent}/x/%2e%2e/${last}`,
    `${parent}/x/.%2E/${last}`,
    `${parent}/x/%252e%252e/${last}`,
    `${parent}/x%2f..%2f${last}`,
    `${parent}/x/%c0%ae%c0%ae/${last}`,
    `${parent}%c0%af${last}`,
    `${parent}%e0%80%af${last}`,
    `${parent}/%ef%bc%8f${last}`,
    `${parent}/%u002f${last}`,
    `${parent}/${hex(last).replaceAll('%', '%25')}`,
    `${parent}/%c1%${last.charCodeAt(0).toString(16)}${last.slice(1)}`,
    `${parent}/${last.toUpperCase()}`,
    path.toUpperCase(),
    `${parent}/${last.replace('s', '\u017f')}`,
  ]
}

function ofEnds(path: string): string[] {
  const ends = [
    '/',
    '//',
    '/.',
    '/..',
    '.',
    '..',
    ';',
    ';x=1',
    '%00',
    '%00.css',
    '%0a',
    '%0d%0a',
    '%09',
    '%20',
    '%a0',
  ]
  const queries = [
    '?',
    '?/',
    '?x=/../../docs',
    '%3f',
    '%3fx=1',
    '#',
    '%23',
    '#/docs',
    '&',
    '.json',
    '.css',
    '%2f',
    '%5c',
    '~',
    '*',
  ]
  return [...ends, ...queries].map((end) => `${path}${end}`)
}

function ofOrigins(path: string): string[] {
  return [
    `http://x${path}`,
    `https://x${path}`,
    `HTTP://X${path}`,
    `http://auth:3001${path}`,
    `http://127.0.0.1:3001${path}`,
    `http://user:password@x${path}`,
    `http://x/docs/..${path}`,
    `http://x//${path}`,
    `http://x\\${path}`,
    `http:${path}`,
    `http:/${path}`,
    `ftp://x${path}`,
    `//x${path}`,
    path.slice(1),
    `*${path}`,
  ]
}

/** Spellings that reach the path from a public one. */
function fromElsewhere(path: string): string[] {
  const places = ['/docs', '/users/docs', '/users/7', '/healthz', '/user/update/7']
  const ways = [
    ...['/..', '/../..', '/../../..', '/%2e%2e', '/%2e%2e/%2e%2e', '/..%2f..', '/..;/..', ';/..'],
    ...['/..%5c..', '/..\\..', '/%252e%252e', '?/../..', '#/../..', '%00/..'],
  ]
  return places.flatMap((place) => ways.map((way) => `${place}${way}${path}`))
}
