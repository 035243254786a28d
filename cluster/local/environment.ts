import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { eachService, type ServiceName, services } from '../../contracts/services.ts'
import { sealingPublicKey } from '../../kit/http/identity/sealed.ts'

/** A random key, different in every run. */
export function newKey(): string {
  return randomBytes(32).toString('base64url')
}

export type Shared = {
  folder: string
  host: string
  issuer: string
  databaseUrl(service: ServiceName, role: 'app' | 'owner'): string
  /** The variables of the running engines: EVENTS_URL, REDIS_URL, S3_…, ELASTICSEARCH_URL, SMTP_URL. */
  engines: Record<string, string>
  /** Raised limits, because a test sends all requests from one address. */
  limits: Record<string, string>
  adminPassword: string
}

type Environment = Record<string, string>

/** The environment of each service, as an operator would write it. */
export function serviceEnvironments(shared: Shared): Record<ServiceName, Environment> {
  const { folder, host, issuer, databaseUrl, engines, limits } = shared
  const mailKey = newKey()
  const blobs: Environment = engines.S3_BUCKET ? {} : { BLOBS_FOLDER: join(folder, 'blobs') }
  const mails: Environment = engines.SMTP_URL ? {} : { MAIL_FOLDER: join(folder, 'mail') }
  const own: Partial<Record<ServiceName, Environment>> = {
    auth: {
      ...limits,
      KEY_ENCRYPTION_KEY: newKey(),
      REFRESH_TOKEN_KEY: newKey(),
      MAIL_PUBLIC_KEY: sealingPublicKey(mailKey),
      ADMIN_USERNAME: 'admin',
      ADMIN_EMAIL: 'admin@localhost.localdomain',
      ADMIN_PASSWORD: shared.adminPassword,
    },
    users: blobs,
    mail: { MAIL_PRIVATE_KEY: mailKey, ...mails },
  }
  return eachService((service) => ({
    ...engines,
    DATABASE_URL: databaseUrl(service, 'app'),
    DATABASE_OWNER_URL: databaseUrl(service, 'owner'),
    ISSUER: issuer,
    AUTH_JWKS_URL: `http://${host}:${services.auth.port}/auth/.well-known/jwks.json`,
    ...own[service],
  }))
}
