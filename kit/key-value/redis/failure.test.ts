import { expect, it } from 'vitest'
import { isUnavailable } from '../../postgres/errors.ts'
import { reasonOf, redisFailure, refusalOf } from './failure.ts'

it.each([
  'LOADING Redis is loading the dataset in memory',
  "READONLY You can't write against a read only replica. script: 1, on @user_script:2.",
  'MASTERDOWN Link with MASTER is down',
  'CLUSTERDOWN The cluster is down',
  "OOM command not allowed when used memory > 'maxmemory'.",
  'BUSY Redis is busy running a script.',
  'MISCONF Redis is configured to save RDB snapshots, but cannot persist to disk.',
  'NOREPLICAS Not enough good replicas to write.',
  "ERR Error running script (call to f_1): @user_script:2: -READONLY You can't write.",
])('a Redis that cannot serve at the moment is unavailable: %s', (message) => {
  expect(isUnavailable(redisFailure(aReply(message)))).toBe(true)
})

it.each([
  'ERR value is not an integer or out of range',
  'WRONGTYPE Operation against a key holding the wrong kind of value',
  "NOPERM this user has no permissions to run the 'get' command",
  'ERR READONLY is a word of the client',
])('a command that Redis refuses is an error of the caller: %s', (message) => {
  expect(isUnavailable(redisFailure(aReply(message)))).toBe(false)
})

it.each([
  'Connection is closed.',
  'Command timed out',
  "Stream isn't writeable and enableOfflineQueue options is false",
])('a missing connection is unavailable: %s', (message) => {
  expect(isUnavailable(redisFailure(new Error(message)))).toBe(true)
})

it('a bug is passed on unchanged', () => {
  const bug = new TypeError('undefined is not a function')
  expect(redisFailure(bug)).toBe(bug)
})

it('no failure shows the arguments of a command', () => {
  const text = "ERR unknown command 'EVALSHA', with args beginning with: 'password' 'value'"
  for (const message of [text, 'OOM command not allowed', 'WRONGTYPE']) {
    const failure = Object(redisFailure(aReply(message, 'hello', ['AUTH', 'password'])))
    expect(String(failure.cause)).not.toContain('password')
    expect(JSON.stringify([failure, failure.cause])).not.toContain('password')
  }
})

it.each([
  ['WRONGPASS invalid username-password pair or user is disabled.', 'hello', 'credentials'],
  ['NOAUTH HELLO must be called with the client already authenticated', 'hello', 'credentials'],
  ['ERR AUTH <password> called without any password configured', 'auth', 'credentials'],
  ['ERR DB index is out of range', 'select', 'database'],
  ['LOADING Redis is loading the dataset in memory', 'select', null],
  ['ERR max number of clients reached', 'hello', null],
])('only a failure that an operator has to fix stops a start: %s', (message, command, refusal) => {
  expect(refusalOf(aReply(message, command))).toBe(refusal)
})

it.each([
  [Object.assign(new Error('connect 10.0.0.1:6379'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [aReply('MASTERDOWN Link with MASTER is down'), 'MASTERDOWN'],
  [aReply('WRONGPASS invalid', 'hello'), 'credentials refused'],
  [undefined, 'closed'],
])('the reason of an outage is logged without an address', (error, reason) => {
  expect(reasonOf(error)).toBe(reason)
})

function aReply(message: string, name = 'get', args: string[] = []): Error {
  return Object.assign(new Error(message), { name: 'ReplyError', command: { name, args } })
}
