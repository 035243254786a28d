import { pathToFileURL } from 'node:url'
import type { z } from 'zod'
import { serviceNames } from '../../contracts/services.ts'
import type { Files, Project, Violation } from './project/project.ts'

/** Every file that reads environment variables, and those of the gateway that mention them. */
const configurations = [
  ...serviceNames.map((name) => `${name}/src/config.ts`),
  'embedded/src/config.ts',
  'apisix/gateway/config.ts',
]
const gatewayFiles = ['apisix/apisix.yaml', 'apisix/config.yaml']

const example = '.env.example'

/** The variables that each file reads. */
export type Variables = Map<string, string[]>

/** `.env.example` shows every variable that is read, and no other. */
export function checkEnvironment({ files }: Project, variables: Variables): Violation[] {
  const text = files.get(example)
  if (text === undefined) return [{ path: example, sentence: 'It is missing.' }]
  const shown = variablesIn(text)
  const all = [...variables, ...mentionedByGateway(files)]
  const missing = all.flatMap(([path, names]) =>
    names
      .filter((name) => !shown.has(name))
      .map((name) => ({ path, sentence: `${example} does not show ${name}.` })),
  )
  const read = new Set(all.flatMap(([, names]) => names))
  const needless = [...shown]
    .filter(([name]) => !read.has(name))
    .map(([name, line]) => ({ path: example, line, sentence: `Nothing reads ${name}.` }))
  const silent = [...variables]
    .filter(([, names]) => names.length === 0)
    .map(([path]) => ({ path, sentence: 'It does not export a zod object named configSchema.' }))
  return [...missing, ...needless, ...silent]
}

export async function loadVariables(root: string): Promise<Variables> {
  const entries = configurations.map(async (file): Promise<[string, string[]]> => {
    const module: { configSchema?: z.ZodObject } = await import(
      pathToFileURL(`${root}${file}`).href
    )
    return [file, Object.keys(module.configSchema?.shape ?? {})]
  })
  return new Map(await Promise.all(entries))
}

function variablesIn(text: string): Map<string, number> {
  const lines = text.split('\n').map((line) => /^(?:#\s?)?([A-Z][A-Z0-9_]*)=/.exec(line)?.[1])
  // NAME_FILE is another way to give NAME.
  return new Map(
    lines.flatMap((name, index) =>
      name ? [[name.replace(/_FILE$/, ''), index + 1] as const] : [],
    ),
  )
}

/** `${{NAME}}` and `${{NAME:=default}}`. */
function mentionedByGateway(files: Files): [string, string[]][] {
  return gatewayFiles.map((path) => {
    const matches = (files.get(path) ?? '').matchAll(/\$\{\{\s*([A-Z][A-Z0-9_]*)/g)
    return [path, [...new Set([...matches].map(([, name = '']) => name))]]
  })
}
