import { openKeyring } from '@ego/auth/key/keyring'
import { retiredKeyMsKept } from '@ego/auth/key/retirement'
import { postgresKeys } from '@ego/auth/key/store-postgres'
import { assertionAudience, assertionType, identityHeaders } from '@ego/contracts/identity'
import { connectPostgres } from '@ego/kit/postgres/postgres'
import { createLog } from '@ego/kit/process/log'
import { testIdentity, testIssuer } from '@ego/kit/testing/identity'
import { keyEncryptionKey } from './wire-platform.ts'

/** The identity headers of one caller, as a service received them. */
export type Identity = Record<string, string>

type Given = { victim: Identity; staff: Identity; databaseUrl: string }

/** Header lines that claim another identity, by the kind of forgery. */
export async function forgeriesOf({ victim, staff, databaseUrl }: Given) {
  const named = Object.values(identityHeaders)
  const lines = linesOf(victim)
  const expired = {
    ...victim,
    [identityHeaders.assertion]: await expiredAssertion(victim, databaseUrl),
  }
  const foreign = await foreignIdentity(victim)
  const respelled = (spell: (name: string) => string) => linesOf(victim, spell)
  const readable: Record<string, string[]> = {
    ...Object.fromEntries(lines.map((line) => [`only ${line.split(':')[0]}`, [line]])),
    'the role of staff': [`X-User-Roles: staff`],
    'a user id and the role of staff': [`X-User-ID: 1`, `X-User-Roles: staff`],
    'an assertion that is none': [`X-User-Assertion: forged`],
    'an assertion without a signature': linesOf({ ...victim, ...unsigned(victim) }),
    'an assertion that has expired': linesOf(expired),
    'an assertion of a foreign key': linesOf(foreign),
    'the whole identity of a member, as auth signed it': lines,
    'the whole identity of staff, as auth signed it': linesOf(staff),
    'the identity in capital letters': respelled((name) => name.toUpperCase()),
    'the identity with underscores': [
      ...respelled((name) => name.replaceAll('-', '_')),
      ...respelled((name) => name.replace('-', '_')),
      ...respelled((name) => name.replace(/-(?=\w+$)/, '_')),
    ],
    'the identity twice': [...lines, ...lines],
    'the identity between empty ones': [
      ...named.map((name) => `${name}:`),
      ...lines,
      ...named.map((name) => `${name}:`),
    ],
    'two identities': [...linesOf(staff), ...lines],
    'a list of identities': linesOf(victim).map((line) => `${line}, ${line.split(': ')[1]}`),
    'the identity with tabs around it': lines.map((line) =>
      line.replace(': ', ':\t ').concat('\t'),
    ),
    'the identity named in Connection': [...lines, `Connection: close, ${named.join(', ')}`],
    'the identity of auth named in Connection': [`Connection: ${named.join(',')}, close`],
  }
  const unreadable: Record<string, string[]> = {
    'folded into another line': lines.flatMap((line) => ['X-Other: a', ` ${line}`]),
    'folded with a tab': ['X-Other: a', ...lines.map((line) => `\t${line}`)],
    'folded after its colon': lines.map((line) => line.replace(': ', ':\r\n ')),
    'with a space before the colon': respelled((name) => `${name} `),
    'with a tab before the colon': respelled((name) => `${name}\t`),
    'with a space before the name': lines.map((line) => ` ${line}`),
    'behind a bare line feed': [`X-Other: a\n${lines.join('\n')}`],
    'behind a bare carriage return': [`X-Other: a\r${lines.join('\r')}`],
    'behind a NUL': [`X-Other: a\0\r\n${lines.join('\r\n')}`],
    'with a letter that only looks like it': respelled((name) => name.replace('e', '\u00e9')),
  }
  return { readable: Object.entries(readable), unreadable: Object.entries(unreadable) }
}

function linesOf(identity: Identity, spell = (name: string) => name): string[] {
  return Object.entries(identity).map(([name, value]) => `${spell(name)}: ${value}`)
}

function unsigned(identity: Identity): Identity {
  const [, claims = ''] = (identity[identityHeaders.assertion] ?? '').split('.')
  const head = Buffer.from(JSON.stringify({ alg: 'none', typ: assertionType })).toString(
    'base64url',
  )
  return { [identityHeaders.assertion]: `${head}.${claims}.` }
}

async function foreignIdentity(identity: Identity): Promise<Identity> {
  return (await testIdentity()).headers({
    userId: Number(identity[identityHeaders.userId]),
    sessionId: identity[identityHeaders.sessionId] ?? '',
  })
}

/** An expired assertion with a valid signature of auth. */
async function expiredAssertion(identity: Identity, databaseUrl: string): Promise<string> {
  const log = createLog('auth', 'silent')
  await using sql = connectPostgres({ url: databaseUrl, max: 1 })
  const keys = postgresKeys({ sql, log, retiredMsKept: retiredKeyMsKept })
  const encryptionKey = Buffer.from(keyEncryptionKey, 'base64url')
  await using keyring = await openKeyring({ keys, encryptionKey, log })
  const expiredAt = Math.floor(Date.now() / 1000) - 1
  return keyring.sign(assertionType, {
    iss: testIssuer,
    aud: assertionAudience,
    sub: identity[identityHeaders.userId] ?? '',
    sid: identity[identityHeaders.sessionId] ?? '',
    roles: [],
    iat: expiredAt - 60,
    exp: expiredAt,
  })
}
