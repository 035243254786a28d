import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const usualPlaces = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

// The pages load everything from this origin. These flags also keep the browser itself from contacting other hosts.
const quiet = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Returns `null` when there is no Chromium, which is optional. Throws then with `EGO_BROWSER_REQUIRED=1`. */
export function findChromium(environment: NodeJS.ProcessEnv): string | null {
  const { EGO_CHROMIUM: given, EGO_BROWSER_REQUIRED } = environment
  const found = (given ? [given] : usualPlaces).find((path) => existsSync(path))
  if (found) return found
  if (given) throw new Error(`EGO_CHROMIUM is ${given}, which does not exist.`)
  if (EGO_BROWSER_REQUIRED !== '1') return null
  throw new Error(
    'There is no Chromium. Install it (Debian: apt-get install chromium), or set EGO_CHROMIUM to its path.',
  )
}

export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: quiet })
}

/** Returns a growing list of everything that goes wrong on a page. Requests to other hosts are listed and blocked. */
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
