import pg from 'pg'
import { unavailableCode } from '../async/unavailable.ts'

/** Whether a database or another engine cannot be reached or has no capacity: worth a retry, and never the caller's fault. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  // A client that aborts its upload looks like a lost connection to the database.
  if (code === 'ECONNRESET' && error.message === 'aborted') return false
  if (unavailableCodes.has(code) || connectionException.test(code)) return true
  // A stopped Postgres has no unix socket; any other missing file is a bug.
  if (code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect') return true
  if (code === '' && driverTexts.some((text) => error.message.includes(text))) return true
  return isUnavailable(error.cause)
}

/** Returns the name of the constraint that the statement violated, or `null`. */
export function constraintOf(error: unknown): string | null {
  if (!(error instanceof pg.DatabaseError) || !error.code?.startsWith('23')) return null
  return error.constraint ?? null
}

/** Whether Postgres cancelled the transaction to resolve a deadlock; the others continue, so it may be retried. */
export function isDeadlock(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '40P01'
}

/** Whether another transaction held a lock for longer than this one may wait. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '55P03'
}

const connectionException = /^08\w{3}$/

const silence = 'Query read timeout'

/** Whether the connection stopped answering; it must not be used again. */
export function isSilence(error: Error): boolean {
  return error.message === silence
}

// The driver's own errors have no code. The tests provoke each of these.
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
  unavailableCode, // thrown by the adapters of other engines
  '40P01', // cancelled to resolve a deadlock
  '25006', // read-only, for example during a failover
  '25P03', // idle in a transaction for too long
  '28P01', // the password was changed, and this process still has the old one
  '53100', // the disk is full
  '53200', // out of memory
  '53300', // too many connections
  '55P03', // waited too long for a lock
  '57014', // ran longer than the statement timeout
  '57P01', // ended by an administrator
  '57P02', // crash shutdown
  '57P03', // starting up or shutting down
])
