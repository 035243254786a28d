import { randomBytes } from 'node:crypto'

/** Where a session was started; both are shown to its owner, so both have a limit. */
export type Origin = { device: string; ip: string }

export type NewSession = Origin & { secret: Buffer }
export type Session = { sessionId: string; secret: Buffer; counter: number }

const deviceCharactersMax = 200
const secretBytes = 32

export function newSession({ device, ip }: Origin): NewSession {
  return { device: device.slice(0, deviceCharactersMax), ip, secret: randomBytes(secretBytes) }
}
