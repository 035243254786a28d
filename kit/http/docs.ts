import { readFile } from 'node:fs/promises'
import type { App } from './context.ts'
import { Problem } from './problem.ts'

export type ApiDocument = { name: string; url: string }

const assets: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui-standalone-preset.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
}

// Everything comes from this origin. Swagger UI styles elements inline and embeds small SVG images.
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Serves Swagger UI from the installed package under `path`, for one or several OpenAPI documents. */
export function mountDocs(app: App, path: string, documents: readonly ApiDocument[]): void {
  const headers = { 'content-security-policy': contentSecurityPolicy, 'cache-control': 'no-cache' }
  app.get(path, (c) => c.html(page(path), 200, headers))
  app.get(`${path}/start.js`, (c) =>
    c.body(startScript(documents), 200, { ...headers, 'content-type': 'text/javascript' }),
  )
  app.get(`${path}/:asset`, async (c) => {
    const name = c.req.param('asset')
    const type = Object.hasOwn(assets, name) ? assets[name] : undefined
    if (!type) throw new Problem(404, 'not_found', `There is no ${path}/${name}.`)
    return c.body(await readAsset(name), 200, {
      'content-type': type,
      'cache-control': 'public, max-age=3600',
    })
  })
}

const assetsRead = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()

/** Reads each file once per process: the largest has 1.5 MB, and every service serves the same ones. */
function readAsset(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const known = assetsRead.get(name)
  if (known) return known
  const bytes = readFile(new URL(import.meta.resolve(`swagger-ui-dist/${name}`)))
  const asset = bytes.then((buffer) => new Uint8Array(buffer))
  assetsRead.set(name, asset)
  return asset
}

function page(path: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Ego API</title>
  <link rel="icon" href="${path}/favicon-32x32.png">
  <link rel="stylesheet" href="${path}/swagger-ui.css">
  <style>body { margin: 0 }</style>
</head>
<body>
  <div id="swagger-ui"></div>
  <script src="${path}/swagger-ui-bundle.js"></script>
  <script src="${path}/swagger-ui-standalone-preset.js"></script>
  <script src="${path}/start.js"></script>
</body>
</html>
`
}

function startScript(documents: readonly ApiDocument[]): string {
  const [first] = documents
  // The top bar switches between documents; with only one it would ask for a URL.
  const source =
    documents.length === 1
      ? { url: first?.url, layout: 'BaseLayout' }
      : { urls: documents, layout: 'StandaloneLayout' }
  const options = {
    ...source,
    dom_id: '#swagger-ui',
    deepLinking: true,
    persistAuthorization: true,
    tryItOutEnabled: true,
    // The validator badge would be fetched from another host.
    validatorUrl: null,
  }
  return `const options = ${JSON.stringify(options)}
options.presets = [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset]
window.ui = SwaggerUIBundle(options)
`
}
