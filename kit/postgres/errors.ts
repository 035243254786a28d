import pg from 'pg'
import { unavailableCode } from '../async/unavailable.ts'

/** The database cannot be reached or has no room: worth trying later, and never the caller's fault. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  // A client that breaks off its upload looks like a lost connection, but it is not one of ours.
  if (code === 'ECONNRESET' && error.message === 'aborted') return false
  if (unavailableCodes.has(code) || connectionException.test(code)) return true
  // The unix socket of a stopped Postgres is missing; any other missing file is a bug.
  if (code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect') return true
  if (code === '' && driverTexts.some((text) => error.message.includes(text))) return true
  return isUnavailable(error.cause)
}

/** The name of the constraint that the statement violated. */
export function constraintOf(error: unknown): string | null {
  if (!(error instanceof pg.DatabaseError) || !error.code?.startsWith('23')) return null
  return error.constraint ?? null
}

/** The transaction waited in a circle with others and was given up; the others go on, so it may be tried again. */
export function isDeadlock(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '40P01'
}

/** Another transaction held a lock for longer than this one may wait. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '55P03'
}

const connectionException = /^08\w{3}$/

const silence = 'Query read timeout'

/** Nothing came back on the connection, and nothing can be hoped for on it. */
export function isSilence(error: Error): boolean {
  return error.message === silence
}

// What the driver itself says, without a code; the tests meet each of them.
const driverTexts = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  silence,
  'Client was closed',
  'Cannot use a pool after calling end',
]

const unavailableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  unavailableCode, // what the adapter of another engine says
  '40P01', // deadlock: one of two was given up
  '25006', // read-only, as while another server becomes the primary
  '25P03', // idle in a transaction for too long
  '28P01', // the password has changed, and we are not told yet
  '53100', // the disk is full
  '53200', // out of memory
  '53300', // too many connections
  '55P03', // waited too long for a lock
  '57014', // ran longer than the statement timeout
  '57P01', // ended by an administrator
  '57P02', // crash shutdown
  '57P03', // starting up or shutting down
])
