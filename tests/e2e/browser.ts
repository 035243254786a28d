import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const usualPlaces = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

// Pages here ask only us, whoever looks; without these the browser itself would ask its maker for this and that.
const quiet = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** `null` when there is none: a newcomer need not have one. With `EGO_BROWSER_REQUIRED=1` that is a failure. */
export function findChromium(environment: NodeJS.ProcessEnv): string | null {
  const { EGO_CHROMIUM: given, EGO_BROWSER_REQUIRED } = environment
  const found = (given ? [given] : usualPlaces).find((path) => existsSync(path))
  if (found) return found
  if (given) throw new Error(`EGO_CHROMIUM is ${given}, which is not there.`)
  if (EGO_BROWSER_REQUIRED !== '1') return null
  throw new Error(
    'There is no Chromium. Install it (Debian: apt-get install chromium), or name it by EGO_CHROMIUM.',
  )
}

export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: quiet })
}

/** Everything that goes wrong on a page, as it happens; a request to another host is one of these, and is not sent. */
export async function watch(page: Page, baseUrl: string): Promise<string[]> {
  const { origin } = new URL(baseUrl)
  const wrong: string[] = []
  page.on('console', (message) => {
    const type = message.type()
    if (type === 'error' || type === 'warning') wrong.push(`${type}: ${message.text()}`)
  })
  page.on('pageerror', (error) => wrong.push(`page error: ${error.message}`))
  page.on('requestfailed', (request) => {
    wrong.push(`failed: ${request.url()} ${request.failure()?.errorText}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) wrong.push(`${response.status()}: ${response.url()}`)
  })
  await page.route(isElsewhere, (route) => {
    wrong.push(`another host: ${route.request().url()}`)
    return route.abort()
  })
  return wrong

  function isElsewhere(url: URL): boolean {
    return url.origin !== origin && url.protocol.startsWith('http')
  }
}
