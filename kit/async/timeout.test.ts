import { expect, it } from 'vitest'
import { isUnavailable } from '../postgres/errors.ts'
import { withTimeout } from './timeout.ts'

const never = new Promise<never>(() => {})

it('work that ends in time settles the promise, also when it fails', async () => {
  expect(await withTimeout(60_000, Promise.resolve('done'))).toBe('done')
  const bug = new TypeError('undefined is not a function')
  await expect(withTimeout(60_000, Promise.reject(bug))).rejects.toBe(bug)
})

it('work that takes longer rejects as unavailable', async () => {
  expect(isUnavailable(await withTimeout(5, never).catch((error: unknown) => error))).toBe(true)
})

it('the wait ends when the signal aborts', async () => {
  const stopping = new AbortController()
  const waited = withTimeout(60_000, never, stopping.signal)
  stopping.abort()
  await expect(waited).rejects.toThrow()
  await expect(withTimeout(60_000, never, stopping.signal)).rejects.toThrow()
})

it('work that fails after its timeout does not end the process', async () => {
  const { promise, reject } = Promise.withResolvers<never>()
  await expect(withTimeout(5, promise)).rejects.toThrow('There was no answer in time.')
  reject(new Error('Late.'))
})
