import { expect, test } from 'vitest'
import { parseWrk } from './wrk.ts'

const output = `Running 2s test @ http://127.0.0.1:1/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.18ms    1.05ms  22.55ms   95.15%
    Req/Sec    57.60k    10.28k   64.61k    90.00%
  115222 requests in 2.01s, 15.82MB read
`

test('the requests and the time are read', () => {
  expect(parseWrk(`${output}Requests/sec:  57323.28\n`)).toEqual({
    count: 115_222,
    seconds: 2.01,
    failures: '',
  })
})

test('answers that were refused and connections that broke are failures', () => {
  const refused = 'Non-2xx or 3xx responses: 7'
  const broken = 'Socket errors: connect 0, read 2, write 0, timeout 1'
  expect(parseWrk(`${output}  ${broken}\n  ${refused}\n`).failures).toBe(`${broken}; ${refused}`)
})

test('what is no result of wrk is an error', () => {
  expect(() => parseWrk('unable to connect')).toThrow('unable to connect')
})
