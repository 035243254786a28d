import { flushCompileCache } from 'node:module'
import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { createLog } from '@ego/kit/process/log'
import { testIdentity } from '@ego/kit/testing/identity'
import { loadConfig } from '../../src/config.ts'
import { wireUsers } from '../../src/wire.ts'
import { anotherPng } from './images.ts'

/**
 * For a test to kill: the service, and members who change their avatars as fast as they can. Says each change. It is not
 * started, for its sweep would hide what another one has left.
 */
const members = process.argv.slice(2).map(Number)
const identity = await testIdentity()
const log = createLog('users', 'silent')
const given = { log, bus: memoryBus({ consumers: ['users'] }), fetch: identity.fetch }
const service = await wireUsers(loadConfig(), given)
const uploads = await Promise.all(Array.from({ length: 8 }, anotherPng))

// It is killed before it could keep for the next one what it has compiled.
flushCompileCache()

async function changeForEver(userId: number): Promise<never> {
  const headers = await identity.headers({ userId })
  for (let turn = Math.floor(Math.random() * uploads.length); ; turn += 1) {
    const body = new Uint8Array(uploads[turn % uploads.length] ?? [])
    const change = turn % 5 === 0 ? { method: 'DELETE' } : { method: 'PUT', body }
    const { status } = await service.app.request('/users/me/avatar', { ...change, headers })
    process.stdout.write(`${status}\n`)
  }
}

await Promise.all(members.map(changeForEver))
