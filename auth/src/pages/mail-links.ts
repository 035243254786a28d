import type { App } from '@ego/kit/http/context'

// The links in mails open one of these two pages as long as no application of your own is configured. The page posts the
// token; the click alone changes nothing, because mail scanners follow links too.

const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

type Page = { title: string; button: string; path: string; asksPassword: boolean }

const pages: Readonly<Record<string, Page>> = {
  'verify-email': {
    title: 'Confirm your e-mail address',
    button: 'Confirm',
    path: '/auth/email/verification/confirm',
    asksPassword: false,
  },
  'reset-password': {
    title: 'Choose a new password',
    button: 'Save',
    path: '/auth/password/reset',
    asksPassword: true,
  },
}

export const pagesPath = '/auth/pages'

export function mountMailLinks(app: App): void {
  const headers = {
    'content-security-policy': contentSecurityPolicy,
    'referrer-policy': 'no-referrer',
  }
  app.get(`${pagesPath}/send.js`, (c) =>
    c.body(script, 200, { ...headers, 'content-type': 'text/javascript; charset=utf-8' }),
  )
  for (const [name, page] of Object.entries(pages)) {
    app.get(`${pagesPath}/${name}`, (c) => c.html(html(page), 200, headers))
  }
}

function html({ title, button, path, asksPassword }: Page): string {
  const password = asksPassword
    ? '<label>New password <input name="password" type="password" autocomplete="new-password" required></label>'
    : ''
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title}</title>
  <style>body { font: 1rem system-ui, sans-serif; margin: 4rem auto; max-width: 26rem; padding: 0 1rem }
  input, button { display: block; font: inherit; margin: .5rem 0 1rem; padding: .5rem }</style>
</head>
<body>
  <h1>${title}</h1>
  <form data-path="${path}">${password}<button>${button}</button></form>
  <p role="status"></p>
  <script src="${pagesPath}/send.js"></script>
</body>
</html>
`
}

const script = `const form = document.querySelector('form')
const status = document.querySelector('[role=status]')
const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? ''
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const response = await fetch(form.dataset.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, ...Object.fromEntries(new FormData(form)) }),
  })
  const problem = response.ok ? null : await response.json()
  const [error] = problem?.errors ?? []
  status.textContent = problem ? (error?.message ?? problem.detail) : 'Done. You can close this page.'
  form.hidden = response.ok
})
`
