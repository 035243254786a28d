import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import pg from 'pg'
import { connectPostgres, type Tx } from './postgres.ts'
import { identifier } from './sql-text.ts'

export type ServiceDatabase = { name: string; ownerPassword: string; appPassword: string }

const alreadyThere = new Set(['42710', '42P04'])
const namePattern = /^[a-z][a-z0-9_]{0,40}$/
const scramIterations = 4096

/**
 * Creates a database that belongs to the role `<name>_owner`, and a role `<name>_app` that can only read and write rows.
 * Running it again repairs passwords and privileges. `adminUrl` must be that of a superuser.
 *
 * pg_trgm, unaccent and citext are trusted extensions: the owner creates them in a migration.
 */
export async function createServiceDatabase(
  adminUrl: string,
  { name, ownerPassword, appPassword }: ServiceDatabase,
): Promise<void> {
  if (!namePattern.test(name)) {
    throw new Error(`'${name}' cannot be the name of a database and its roles.`)
  }
  await using admin = connectPostgres({ url: adminUrl, max: 1 })
  await createRole(admin, `${name}_owner`, ownerPassword)
  await createRole(admin, `${name}_app`, appPassword)
  await unlessThere(admin`create database ${identifier(name)} owner ${identifier(`${name}_owner`)}`)
  await grantDatabase(admin, name, name)
  // Privileges on a schema can only be changed from inside its database.
  const url = new URL(adminUrl)
  url.pathname = name
  await using inside = connectPostgres({ url: url.href, max: 1 })
  await inside.begin((tx) => grantSchema(tx, name))
}

/** Grants the privileges on a database itself, which a copy of a template does not inherit. */
export async function grantDatabase(admin: Tx, database: string, service: string): Promise<void> {
  const app = identifier(`${service}_app`)
  await admin`revoke all on database ${identifier(database)} from public`
  await admin`grant connect on database ${identifier(database)} to ${app}`
}

async function createRole(admin: Tx, role: string, password: string): Promise<void> {
  await unlessThere(admin`create role ${identifier(role)}`)
  // Utility statements take no parameters. The verifier contains no quote, and does not reveal the password in the server's log.
  await admin.script(
    `alter role "${role}" with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password '${scramVerifier(password)}'`,
  )
}

async function grantSchema(tx: Tx, name: string): Promise<void> {
  const owner = identifier(`${name}_owner`)
  const app = identifier(`${name}_app`)
  await tx`alter schema public owner to ${owner}`
  await tx`revoke all on schema public from public`
  await tx`grant usage on schema public to ${app}`
  await tx`
    alter default privileges for role ${owner} in schema public
    grant select, insert, update, delete on tables to ${app}`
  await tx`
    alter default privileges for role ${owner} in schema public
    grant usage on sequences to ${app}`
}

async function unlessThere(statement: Promise<unknown>): Promise<void> {
  try {
    await statement
  } catch (error) {
    if (error instanceof pg.DatabaseError && alreadyThere.has(error.code ?? '')) return
    throw error
  }
}

/** The verifier that Postgres would store for this password (RFC 5803). */
function scramVerifier(password: string): string {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password, salt, scramIterations, 32, 'sha256')
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest()
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64')
  const server = hmac('Server Key').toString('base64')
  return `SCRAM-SHA-256$${scramIterations}:${salt.toString('base64')}$${stored}:${server}`
}
