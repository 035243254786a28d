/**
 * What the gateway makes of a message and of the request behind it: nothing at all, exactly this message and then the
 * other one, or this message only.
 */
export type Verdict = 'refused' | First
export type First = { readonly method: string; readonly body: string; readonly isLast?: boolean }
export type Attack = readonly [what: string, bytes: string, verdict: Verdict]

export const hello = '5\r\nhello\r\n0\r\n\r\n'
export const counted = ['Content-Length: 5']
export const post = (body: string): First => ({ method: 'POST', body })

export function message(fields: readonly string[], body: string, first = 'POST /first HTTP/1.1') {
  return [first, 'Host: x', ...fields, '', body].join('\r\n')
}
