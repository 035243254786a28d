import { lockClass } from '@ego/kit/postgres/advisory-locks'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import type { Log } from '@ego/kit/process/log'
import { authLocks } from '../postgres/advisory-locks.ts'
import { openListener } from '../postgres/listener-postgres.ts'
import type { PublicJwk } from './signing-key.ts'
import type { KeptKey, KeyStatus, KeyStore, Offer } from './store.ts'

type Row = {
  key_id: string
  status: KeyStatus
  public_jwk: PublicJwk
  private_sealed: Buffer
  created_at: Date
  retired_at: Date | null
}

type Options = {
  sql: Sql
  log: Pick<Log, 'warn'>
  /** As long as a token may live that a key signed just before it was retired. */
  retiredMsKept: number
}

const channel = 'signing_key'

export function postgresKeys({ sql, log, retiredMsKept }: Options): KeyStore {
  return {
    fill: (offer) =>
      sql.begin(async (tx) => {
        await lock(tx)
        const rows = await tx<{ status: KeyStatus }[]>`
          select status
          from signing_key
          where status <> 'retired'`
        const there = new Set(rows.map((row) => row.status))
        if (!there.has('current')) await insertKey(tx, 'current', offer)
        if (!there.has('next')) await insertKey(tx, 'next', offer)
      }),

    async list() {
      const rows = await sql<Row[]>`
        select key_id, status, public_jwk, private_sealed, created_at, retired_at
        from signing_key
        where status <> 'retired'
          or retired_at > now() - ${retiredMsKept} * interval '1 millisecond'
        order by status = 'next' desc, status = 'current' desc, retired_at desc`
      return rows.map(toKey)
    },

    rotate: (offer, currentForMsMin) =>
      sql.begin(async (tx) => {
        await lock(tx)
        if (!(await isDue(tx, currentForMsMin))) return null
        const [retired] = await tx<[{ key_id: string }]>`
          update signing_key
          set status = 'retired', retired_at = clock_timestamp()
          where status = 'current'
          returning key_id`
        const [current] = await tx<[{ key_id: string }]>`
          update signing_key
          set status = 'current'
          where status = 'next'
          returning key_id`
        const next = await insertKey(tx, 'next', offer)
        await tx`select pg_notify(${channel}, '')`
        return { retired: retired.key_id, current: current.key_id, next }
      }),

    watch: (onChange) =>
      openListener({
        sql,
        log,
        channel,
        purpose: 'signing-keys',
        lostText: 'rotations of the signing keys are not announced; they are polled for',
        onListening: onChange,
        onNotify: onChange,
      }),
  }
}

/** Ends with the transaction. */
async function lock(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(${lockClass}, ${authLocks.signingKeys})`
}

// The next key was made at the moment when the current one began to sign.
async function isDue(tx: Tx, currentForMsMin: number): Promise<boolean> {
  const [row] = await tx`
    select 1
    from signing_key
    where status = 'next'
      and created_at <= clock_timestamp() - ${currentForMsMin} * interval '1 millisecond'`
  return row !== undefined
}

async function insertKey(tx: Tx, status: KeyStatus, offer: Offer): Promise<string> {
  const { keyId, publicJwk, privateSealed } = await offer()
  await tx`
    insert into signing_key (key_id, status, public_jwk, private_sealed, created_at)
    values (${keyId}, ${status}, ${publicJwk}, ${privateSealed}, clock_timestamp())`
  return keyId
}

function toKey(row: Row): KeptKey {
  return {
    keyId: row.key_id,
    status: row.status,
    publicJwk: row.public_jwk,
    privateSealed: row.private_sealed,
    createdAt: row.created_at,
    retiredAt: row.retired_at,
  }
}
