import type { Platform } from './platform.ts'

/** All that a newcomer needs next; the password of the admin is shown once. */
export function banner(platform: Platform, startSeconds: number): string {
  const { folder, mailFolder, adminPassword } = platform
  // What listens on every address is not at an address of that name.
  const url = platform.url.replace(/\/\/(0\.0\.0\.0|\[::\]):/, '//localhost:')
  const admin = adminPassword
    ? `admin / ${adminPassword}  (shown only now, kept in secrets.json)`
    : `admin / see secrets.json in the data folder`
  const rows = [
    ['API', url],
    ['Swagger UI', `${url}/docs`],
    ['Admin', admin],
    ['Mail', mailFolder ?? 'sent by SMTP'],
    ['Data', folder],
  ]
  return `
Ego is up after ${startSeconds.toFixed(1)} s. Ctrl-C stops it.

${rows.map(([name = '', value]) => `  ${name.padEnd(11)} ${value}`).join('\n')}

Register a user next:

  curl -X POST ${url}/auth/registration -H 'Content-Type: application/json' \\
    -d '{"username":"testusername","password":"testpassword","user_email":"testemail@example.com"}'

`
}
