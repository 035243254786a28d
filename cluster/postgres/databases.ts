import { readFileSync } from 'node:fs'
import { serviceNames } from '@ego/contracts/services'
import { createServiceDatabase } from '@ego/kit/postgres/service-database'

const secrets = process.env.EGO_SECRETS ?? '/run/secrets'
const host = process.env.EGO_POSTGRES ?? 'postgres:5432'

const admin = `postgres://postgres:${readSecret('postgres-password')}@${host}/postgres`

// One after the other, because concurrent changes to the same rows of the catalog fail.
for (const name of serviceNames) {
  await createServiceDatabase(admin, {
    name,
    ownerPassword: passwordIn(`${name}-owner-url`),
    appPassword: passwordIn(`${name}-app-url`),
  })
  process.stdout.write(`The database ${name} is ready.\n`)
}

function passwordIn(secret: string): string {
  return decodeURIComponent(new URL(readSecret(secret)).password)
}

function readSecret(name: string): string {
  return readFileSync(`${secrets}/${name}`, 'utf8').trim()
}
