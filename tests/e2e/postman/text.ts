const columns = 100

/** JSON as the linter wants it: like JSON.stringify, but a list without objects stands on one line where it fits. */
export function jsonText(value: unknown): string {
  return `${textOf(value, '', '')}\n`
}

/** `before` is what stands on the line already, `indent` where it begins. */
function textOf(value: unknown, indent: string, before: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    const line = `[${value.map((each) => JSON.stringify(each)).join(', ')}]`
    const isPlain = value.every((each) => typeof each !== 'object' || each === null)
    // One more for the comma.
    if (isPlain && indent.length + before.length + line.length < columns) return line
    return block(
      '[]',
      indent,
      value.map((each) => textOf(each, inner, '')),
    )
  }
  const members = Object.entries(value).map(([name, member]) => {
    const key = `${JSON.stringify(name)}: `
    return `${key}${textOf(member, inner, key)}`
  })
  return members.length > 0 ? block('{}', indent, members) : '{}'
}

function block([open, close]: string, indent: string, parts: string[]): string {
  return `${open}\n${parts.map((part) => `${indent}  ${part}`).join(',\n')}\n${indent}${close}`
}
