import { parseSync } from 'oxc-parser'

/** An import, or an export from another module. */
export type Request = {
  line: number
  specifier: string
  /** `*` stands for all that the module exports. */
  names: string[]
  isType: boolean
  isDynamic: boolean
}

export type Export = { line: number; name: string; isType: boolean; isFromElsewhere: boolean }

export type Module = { requests: Request[]; exports: Export[] }

export function readModule(path: string, text: string): Module {
  const { module, errors } = parseSync(path, text)
  if (errors[0]) throw new Error(`${path} cannot be parsed: ${errors[0].message}`)
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length
  const requests: Request[] = []
  const exports: Export[] = []

  for (const { start, moduleRequest, entries } of module.staticImports) {
    requests.push({
      line: lineOf(start),
      specifier: moduleRequest.value,
      names: entries.map(({ importName }) => nameOf(importName)),
      isType: entries.length > 0 && entries.every(({ isType }) => isType),
      isDynamic: false,
    })
  }
  for (const { start, entries } of module.staticExports) {
    const line = lineOf(start)
    for (const { moduleRequest, importName, exportName, isType } of entries) {
      const name = nameOf(exportName)
      exports.push({ line, name, isType, isFromElsewhere: moduleRequest !== null })
      if (!moduleRequest) continue
      const specifier = moduleRequest.value
      requests.push({ line, specifier, names: [nameOf(importName)], isType, isDynamic: false })
    }
  }
  for (const { start, moduleRequest } of module.dynamicImports) {
    const specifier = /^['"](.*)['"]$/.exec(text.slice(moduleRequest.start, moduleRequest.end))?.[1]
    if (!specifier) continue
    requests.push({ line: lineOf(start), specifier, names: ['*'], isType: false, isDynamic: true })
  }
  return { requests, exports }
}

function nameOf({ kind, name }: { kind: string; name: string | null }): string {
  return kind === 'Default' ? 'default' : (name ?? '*')
}
