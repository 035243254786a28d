import { sendRaw } from '@ego/gateway/testing/gateway'

/** An answer without the parts that differ between two answers to the same request. */
export type RawAnswer = { status: number; headers: Record<string, string>; body: string }

const changing = /^(date|connection|keep-alive|transfer-encoding|content-length|x-ratelimit-.*)$/

/** Sends the lines as one raw request and reads its answer. */
export async function askRaw(url: string, ...lines: readonly string[]): Promise<RawAnswer> {
  const text = await sendRaw(url, [...lines, '', ''].join('\r\n'), 10_000)
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...fields] = text.slice(0, end).split('\r\n')
  const pairs = fields.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  const isChunked = pairs.some(
    ([name, value]) => name === 'transfer-encoding' && value === 'chunked',
  )
  const body = text.slice(end + 4)
  return {
    status: Number(first.split(' ')[1]),
    headers: Object.fromEntries(pairs.filter(([name]) => !changing.test(name))),
    body: isChunked ? withoutChunks(body) : body,
  }
}

function withoutChunks(body: string): string {
  let whole = ''
  let rest = body
  for (;;) {
    const end = rest.indexOf('\r\n')
    const size = Number.parseInt(rest.slice(0, end), 16)
    if (end === -1 || !(size > 0)) return whole
    whole += rest.slice(end + 2, end + 2 + size)
    rest = rest.slice(end + 4 + size)
  }
}

/** Does the work for all items, a few at a time. Results are in the order of the items. */
export async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>) {
  const results: R[] = []
  let next = 0
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at]
      if (item !== undefined) results[at] = await work(item)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return results
}
