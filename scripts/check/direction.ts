import { serviceNames } from '../../contracts/services.ts'
import { isProduct, isTestSide } from './project/places.ts'
import type { Files, Import, Project, Violation } from './project/project.ts'

type Area = {
  base: string
  readme: string
  /** The folder that sees all others, and that no other folder sees. */
  top: string
  needsOrder: boolean
}

const areas: Area[] = [
  ...serviceNames.map((service) => ({
    base: `${service}/src`,
    readme: `${service}/README.md`,
    top: 'commands',
    needsOrder: true,
  })),
  { base: 'kit', readme: 'kit/README.md', top: 'testing', needsOrder: true },
  {
    base: 'apisix/gateway',
    readme: 'apisix/gateway/README.md',
    top: 'testing',
    needsOrder: false,
  },
]

/** What each part may import besides itself; the parts that are not here may import all of these. */
const mayImport: Record<string, string[]> = {
  contracts: [],
  kit: ['contracts'],
  'apisix/gateway': ['kit', 'contracts'],
  ...Object.fromEntries(serviceNames.map((service) => [service, ['kit', 'contracts']])),
}
const parts = [...Object.keys(mayImport), 'embedded']

export function checkDirection({ files, imports }: Project): Violation[] {
  return [
    ...imports.flatMap(betweenParts),
    ...areas.flatMap((area) => checkArea(area, files, imports)),
  ]
}

function betweenParts({ from, to, line }: Import): Violation[] {
  const [source, target] = [partOf(from), partOf(to ?? '')]
  if (!to || source === target) return []
  const refuse = (sentence: string) => [{ path: from, line, sentence }]
  const allowed = mayImport[source ?? '']
  if (target && allowed && !allowed.includes(target)) {
    return refuse(`${source} may not import ${target} (${to}).`)
  }
  if (to.startsWith('kit/testing/') && isProduct(from)) {
    return refuse(`Product code may not import ${to}.`)
  }
  const isService = serviceNames.some((service) => target === service)
  if (source === 'embedded' && isService && !/\/src\/(wire|config)\.ts$/.test(to)) {
    return refuse(`Only wire.ts and config.ts of a service may be imported, not ${to}.`)
  }
  return []
}

function partOf(path: string): string | undefined {
  return parts.find((part) => path.startsWith(`${part}/`))
}

function checkArea(area: Area, files: Files, imports: Import[]): Violation[] {
  const order = readOrder(files.get(area.readme) ?? '')
  const folders = foldersOf(area, files)
  if (order.length === 0) {
    if (!area.needsOrder || folders.length === 0) return []
    const sentence = 'It does not list the folders under "## Feature folders" or "## Rooms".'
    return [{ path: area.readme, sentence }]
  }
  const ranks = new Map(order.flatMap((names, rank) => names.map((name) => [name, rank] as const)))
  return [
    ...checkList(area, folders, order.flat()),
    ...imports.flatMap((entry) => checkImport(area, ranks, entry)),
  ]
}

function checkList({ readme, top, base }: Area, folders: string[], listed: string[]): Violation[] {
  const missing = folders.filter((name) => !listed.includes(name))
  const absent = listed.filter((name) => name !== top && !folders.includes(name))
  return [
    ...missing.map((name) => ({ path: readme, sentence: `The list lacks ${base}/${name}/.` })),
    ...absent.map((name) => ({
      path: readme,
      sentence: `The list has ${name}/, which is not in ${base}/.`,
    })),
  ]
}

function checkImport(area: Area, ranks: Map<string, number>, entry: Import): Violation[] {
  const { from, to, line } = entry
  if (!to || isTestSide(from)) return []
  const [source, target] = [placeIn(area, from), placeIn(area, to)]
  if (source === undefined || target === undefined || source === target) return []
  const refuse = (sentence: string) => [{ path: from, line, sentence }]
  if (target === area.top) return refuse(`Nothing may import ${to}.`)
  if (source === '' || source === area.top) return []
  if (target === '') return refuse(`A folder may not import ${to}, which stands above it.`)
  const [sourceRank, targetRank] = [ranks.get(source), ranks.get(target)]
  if (sourceRank === undefined || targetRank === undefined || targetRank < sourceRank) return []
  return refuse(`${source}/ may not import ${target}/ (${to}): ${area.readme} has the order.`)
}

/** The folder of an area, `''` for its root, `undefined` for what is elsewhere. */
function placeIn({ base }: Area, path: string): string | undefined {
  if (!path.startsWith(`${base}/`)) return undefined
  const [folder = '', ...rest] = path.slice(base.length + 1).split('/')
  return rest.length === 0 ? '' : folder
}

function foldersOf(area: Area, files: Files): string[] {
  const places = [...files.keys()].filter((path) => path.endsWith('.ts'))
  const folders = new Set(places.map((path) => placeIn(area, path) ?? ''))
  return [...folders].filter((name) => name !== '' && name !== area.top)
}

/** From the ground up; folders of one item are of one rank and may not import each other. */
function readOrder(readme: string): string[][] {
  const sections = readme.split(/^## /m)
  const section = sections.find((text) => /^(Feature folders|Rooms)\n/.test(text)) ?? ''
  const items = section.matchAll(/^ {0,3}(?:\d+\.|[-*]) +((?:(?:, | and )?`[a-z-]+\/`)+)/gm)
  return [...items].map(([item]) =>
    [...item.matchAll(/`([a-z-]+)\/`/g)].map(([, name = '']) => name),
  )
}
