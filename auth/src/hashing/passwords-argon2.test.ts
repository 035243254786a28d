import { verify } from '@node-rs/argon2'
import { expect, test } from 'vitest'
import { argon2Passwords } from './passwords-argon2.ts'

const older = { memoryKib: 8192, passes: 1 }
const inForce = { memoryKib: 8192, passes: 2 }

/** Passwords, and under which parameters the last check hashed. */
async function counted() {
  const work: string[] = []
  const engine = {
    verify: (known: string, password: string) => {
      work.push(String(known.split('$')[3]))
      return verify(known, password)
    },
  }
  const passwords = await argon2Passwords(inForce, engine)
  const matches = async (password: string, known: string | null) => {
    work.length = 0
    const isRight = await passwords.matches(password, known)
    return { isRight, work: work.toSorted() }
  }
  return { hash: passwords.hash, matches }
}

const both = ['m=8192,t=1,p=1', 'm=8192,t=2,p=1']

test('a wrong password costs the same without an account, for an outdated and for a new hash', async () => {
  const { hash, matches } = await counted()
  const outdated = await (await argon2Passwords(older)).hash('a good passphrase')
  const current = await hash('a good passphrase')
  for (const known of [outdated, null, current, outdated]) {
    expect(await matches('wrong', known)).toEqual({ isRight: false, work: both })
  }
})

test('while no outdated hash was met, a wrong password costs one hash', async () => {
  const { hash, matches } = await counted()
  for (const known of [null, await hash('a good passphrase')]) {
    expect(await matches('wrong', known)).toEqual({ isRight: false, work: both.slice(1) })
  }
})

test('the right password matches under all parameters', async () => {
  const { hash, matches } = await counted()
  const outdated = await (await argon2Passwords(older)).hash('a good passphrase')
  for (const known of [outdated, await hash('a good passphrase')]) {
    expect((await matches('a good passphrase', known)).isRight).toBe(true)
  }
  expect((await matches('a good passphrase', null)).isRight).toBe(false)
})
