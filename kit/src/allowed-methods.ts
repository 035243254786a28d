type Route = { method: string; path: string }

/** The methods that some route has for this path; only asked when nothing matched, so it may take its time. */
export function allowedMethods(routes: readonly Route[], path: string): string[] {
  const methods = new Set<string>()
  for (const route of routes) {
    if (route.method === 'ALL' || !matches(route.path, path)) continue
    methods.add(route.method)
    if (route.method === 'GET') methods.add('HEAD')
  }
  return [...methods].sort()
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.at(-1) === '*')
    return given.length >= wanted.length && fits(wanted.slice(0, -1), given)
  return wanted.length === given.length && fits(wanted, given)
}

function fits(wanted: readonly string[], given: readonly string[]): boolean {
  return wanted.every((part, index) => {
    if (!part.startsWith(':')) return part === given[index]
    const constraint = /\{(.+)\}$/.exec(part)?.[1]
    return constraint
      ? new RegExp(`^(?:${constraint})$`).test(given[index] ?? '')
      : given[index] !== ''
  })
}
