import { StartError } from '@ego/kit/process/start-error'
import { decodeUrlText } from '@ego/kit/process/url-text'

const switches = ['requireTLS', 'ignoreTLS', 'tls.rejectUnauthorized']

/** The driver would take every option it has from the query, also the one that logs whole mails. */
export function readSmtpUrl(text: string) {
  const url = new URL(text)
  const { hostname, port, username, password, searchParams } = url
  for (const [name, value] of searchParams) {
    if (!switches.includes(name) || !['true', 'false'].includes(value)) {
      throw new StartError(
        `SMTP_URL may only have ${switches.join(', ')} with true or false after the question mark.`,
      )
    }
  }
  const secure = url.protocol === 'smtps:'
  const decode = (encoded: string) => decodeUrlText(encoded, 'SMTP_URL')
  const isOn = (name: string) => searchParams.get(name) === 'true'
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (secure ? 465 : 587),
    // TLS from the first byte; otherwise it is upgraded to where the server offers it.
    secure,
    requireTLS: isOn('requireTLS'),
    ignoreTLS: isOn('ignoreTLS'),
    tls: { rejectUnauthorized: searchParams.get('tls.rejectUnauthorized') !== 'false' },
    ...(username && { auth: { user: decode(username), pass: decode(password) } }),
  }
}
