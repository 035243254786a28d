/** A mail in pieces of plain text, so that whatever is put into a piece cannot become markup. */
export type Block =
  | { paragraph: string }
  | { link: string; label: string }
  | { code: string; label: string }
  | { facts: readonly (readonly [name: string, value: string])[] }

const sender = 'Ego'

export function textOf(blocks: readonly Block[]): string {
  return `${[...blocks.map(blockText), `-- \n${sender}`].join('\n\n')}\n`
}

export function htmlOf(title: string, blocks: readonly Block[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
</head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div style="max-width:560px;margin:0 auto">
${blocks.map(blockHtml).join('\n')}
<p style="margin:32px 0 0;font-size:14px;opacity:.7">${sender}</p>
</div>
</body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}

function blockText(block: Block): string {
  if ('paragraph' in block) return block.paragraph
  if ('link' in block) return `${block.label}:\n${block.link}`
  if ('code' in block) return `${block.label}:\n${block.code}`
  return block.facts.map(([name, value]) => `${name}: ${value}`).join('\n')
}

function blockHtml(block: Block): string {
  if ('paragraph' in block) return `<p>${escapeHtml(block.paragraph)}</p>`
  if ('link' in block) return linkHtml(escapeHtml(block.link), escapeHtml(block.label))
  if ('code' in block) return codeHtml(escapeHtml(block.code), escapeHtml(block.label))
  const rows = block.facts.map(
    ([name, value]) =>
      `<tr><th align="left" style="padding:2px 16px 2px 0">${escapeHtml(name)}</th><td><bdi>${escapeHtml(value)}</bdi></td></tr>`,
  )
  return `<table role="presentation" style="border-collapse:collapse">${rows.join('')}</table>`
}

function linkHtml(url: string, label: string): string {
  const button =
    'display:inline-block;padding:10px 20px;border-radius:6px;background:#1f4fd8;color:#fff;text-decoration:none'
  return `<p><a href="${url}" style="${button}">${label}</a></p>
<p style="font-size:14px">Or open this address: <a href="${url}" style="word-break:break-all">${url}</a></p>`
}

function codeHtml(code: string, label: string): string {
  const box = 'display:inline-block;padding:6px 10px;border:1px solid #8888;word-break:break-all'
  return `<p>${label}:<br><code style="${box}">${code}</code></p>`
}
