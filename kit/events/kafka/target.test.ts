import { expect, it } from 'vitest'
import { eventsVariable } from '../../process/service-variables.ts'
import { StartError } from '../../process/start-error.ts'
import { withFirstHost } from '../../process/url-text.ts'
import { kafkaTarget } from './target.ts'

it.each([
  ['kafka://kafka', [{ host: 'kafka', port: 9092 }]],
  ['kafka://kafka:9093/', [{ host: 'kafka', port: 9093 }]],
  [
    'kafka://kafka-1:1,kafka-2,[::1]:3',
    [
      { host: 'kafka-1', port: 1 },
      { host: 'kafka-2', port: 9092 },
      { host: '::1', port: 3 },
    ],
  ],
])('%s is valid and names its hosts', (url, bootstrapBrokers) => {
  expect(kafkaTarget(url)).toEqual({ bootstrapBrokers })
  expect(eventsVariable.EVENTS_URL.parse(url)).toBe(url)
})

it('a user logs in with plain or with the given mechanism, and over TLS when asked to', () => {
  expect(kafkaTarget('kafka://me:p%40,ss%25@kafka').sasl).toEqual({
    mechanism: 'PLAIN',
    username: 'me',
    password: 'p@,ss%',
  })
  const url = 'kafka://me:secret@a:1,b:2?sasl=scram-sha-512&tls=true'
  expect(eventsVariable.EVENTS_URL.parse(url)).toBe(url)
  expect(kafkaTarget(url)).toMatchObject({
    sasl: { mechanism: 'SCRAM-SHA-512', username: 'me', password: 'secret' },
    tls: {},
    tlsServerName: true,
  })
})

it.each([
  'kafka://a,',
  'kafka://a:b',
  'kafka://me:se@cret@a',
  'kafka://me:%zz@a',
  'kafka://a?sasl=md5',
  'kafka://a?tls=yes',
  'kafka://a?ssl=true',
])('%s is refused with a sentence that names the variable and not the password', (url) => {
  expect(() => kafkaTarget(url)).toThrow(StartError)
  expect(() => kafkaTarget(url)).toThrow(/^EVENTS_URL: (?!.*cret)/)
})

it('only Kafka takes several hosts', () => {
  const parsed = eventsVariable.EVENTS_URL.safeParse('amqp://a:1,b:2')
  expect(parsed.success).toBe(false)
  expect(withFirstHost('kafka://me:a,b@h1:1,h2:2?tls=true')).toBe('kafka://me:a,b@h1:1?tls=true')
})
