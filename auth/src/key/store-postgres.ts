import type { Sql } from '@ego/kit/postgres'
import type { PublicJwk, StoredKey } from './signing-key.ts'
import type { KeyStore } from './store.ts'

type Row = { key_id: string; public_jwk: PublicJwk; private_sealed: Buffer }

export function postgresKeys(sql: Sql): KeyStore {
  async function findCurrent(): Promise<StoredKey | null> {
    const [row] = await sql<Row[]>`
      select key_id, public_jwk, private_sealed
      from signing_key
      where status = 'current'`
    return row
      ? { keyId: row.key_id, publicJwk: row.public_jwk, privateSealed: row.private_sealed }
      : null
  }

  return {
    async currentOr(offer) {
      const current = await findCurrent()
      if (current) return current
      const offered = await offer()
      await sql`
        insert into signing_key (key_id, status, public_jwk, private_sealed)
        values (
          ${offered.keyId},
          'current',
          ${offered.publicJwk},
          ${offered.privateSealed}
        )
        on conflict do nothing`
      return (await findCurrent()) ?? offered
    },
  }
}
