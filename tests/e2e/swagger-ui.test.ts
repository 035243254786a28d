import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { findChromium, openBrowser, watch } from './browser.ts'
import { aMember, call } from './client.ts'

const profile = {
  first_name: 'Ada',
  last_name: 'Lovelace',
  gender: 'female',
  birthday: '1990-12-10',
}
const width = 1280
const margin = 6
const calls = { auth: '/auth/me', users: '/users/me', posts: '/posts/feed' }
const pictures = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))

const chromium = findChromium(process.env)
if (!chromium)
  process.stderr.write('There is no Chromium, so the tests of Swagger UI are skipped.\n')

// A browser is slow to start on a busy machine.
describe.runIf(chromium)('Swagger UI', { timeout: 120_000 }, () => {
  let browser: Browser
  let token = ''

  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '')
    const member = await aMember()
    token = member.token
    await call('/users', { method: 'POST', token, body: profile })
    await call('/posts', { method: 'POST', token, body: { text_content: 'The first post.' } })
  })
  afterAll(() => browser?.close())

  async function open(path: string) {
    const page = await browser.newPage({ viewport: { width, height: 800 } })
    const wrong = await watch(page, inject('baseUrl'))
    await page.goto(`${inject('baseUrl')}${path}`)
    return { page, wrong, [Symbol.asyncDispose]: () => page.close() }
  }

  test.each(Object.entries(calls))('of %s sends %s with a token', async (service, path) => {
    await using opened = await open(`/${service}/docs`)
    await authorize(opened.page, token)
    const operation = await execute(opened.page, path)
    await takePicture(opened.page, operation, service)
    expect(opened.wrong).toEqual([])
  })

  test('of all services switches between them, with one token', async () => {
    await using opened = await open('/docs')
    const { page, wrong } = opened
    await authorize(page, token)
    for (const [service, path] of Object.entries(calls)) {
      await page.locator('#select').selectOption({ label: service })
      const operation = await execute(page, path)
      if (service === 'posts') await takePicture(page, operation, 'all')
    }
    expect(wrong).toEqual([])
  })
})

async function authorize(page: Page, token: string): Promise<void> {
  await page.locator('.scheme-container .authorize').click()
  const dialog = page.locator('.dialog-ux')
  await dialog.locator('input').fill(token)
  await dialog.locator('button.authorize').click()
  await dialog.locator('button.btn-done').click()
}

/** Opens the operation, sends its example, and waits for the response. */
async function execute(page: Page, path: string): Promise<Locator> {
  const operation = page
    .locator('.opblock-get')
    .filter({ has: page.locator(`[data-path="${path}"]`) })
  await operation.locator('.opblock-summary').click()
  await operation.locator('button.execute').click()
  const status = operation.locator('.live-responses-table .response-col_status')
  expect(await status.last().textContent()).toContain('200')
  return operation
}

/** Takes a picture from the top down to the response. Only on request, because every picture differs. */
async function takePicture(page: Page, operation: Locator, name: string): Promise<void> {
  if (process.env.EGO_PICTURES !== '1') return
  const answer = operation.locator('.live-responses-table')
  const sections = page.locator('.opblock-tag-section').filter({ hasNot: answer })
  for (const section of await sections.all()) await section.locator('.opblock-tag').click()
  await page.evaluate('scrollTo(0, 0)')
  const body = answer.locator('.highlight-code').first()
  const { y = 0, height = 0 } = (await body.boundingBox()) ?? {}
  await mkdir(pictures, { recursive: true })
  await page.screenshot({
    path: `${pictures}swagger-ui-${name}.png`,
    fullPage: true,
    clip: { x: 0, y: 0, width, height: Math.ceil(y + height) + margin },
  })
}
