import type { Client } from '@elastic/elasticsearch'

/** Each copy of the posts is an index; the aliases say which one is searched and which one is being built. */
export type Names = { live: string; building: string; first: string; numbered: RegExp }

export function namesOf(prefix: string): Names {
  const live = `${prefix}-posts`
  return {
    live,
    building: `${live}-building`,
    first: numbered(live, 1),
    numbered: new RegExp(`^${RegExp.escape(live)}-(\\d{6})$`),
  }
}

function numbered(live: string, number: number): string {
  return `${live}-${String(number).padStart(6, '0')}`
}

/** Prefixes of this many characters are words of the index; Elasticsearch takes no longer ones. */
const prefixIndexedMax = 19

export async function createIndex(
  client: Client,
  replicas: number,
  { name, alias }: { name: string; alias: string },
): Promise<void> {
  await client.indices.create({
    index: name,
    aliases: { [alias]: {} },
    settings: {
      number_of_shards: 1,
      number_of_replicas: replicas,
      // The newest hits are the first ones, so that a search for them reads no others.
      sort: { field: 'post_id', order: 'desc' },
      // A removed post that comes back has its old revision: what was removed is forgotten at once.
      gc_deletes: -1,
    },
    mappings: {
      dynamic: 'strict',
      // Kibana shows documents by it; of the words there is enough in their index.
      _source: { excludes: ['words'] },
      properties: {
        post_id: { type: 'keyword' },
        creator_id: { type: 'long' },
        created_at: { type: 'date', format: 'epoch_millis' },
        words: {
          type: 'text',
          analyzer: 'whitespace',
          index_prefixes: { min_chars: 1, max_chars: prefixIndexedMax },
        },
      },
    },
  })
}

/** A process beside this one may make the first index at the same moment. */
export async function prepare(client: Client, replicas: number, names: Names): Promise<void> {
  const isThere = () => client.indices.existsAlias({ name: names.live })
  if (await isThere()) return
  try {
    await createIndex(client, replicas, { name: names.first, alias: names.live })
  } catch (error) {
    if (!(await isThere())) throw error
  }
}

/** The name of one more copy. */
export async function nextName(client: Client, names: Names): Promise<string> {
  const found = await client.indices.getAlias({ index: `${names.live}-*` })
  const numbers = Object.keys(found).map((name) => Number(names.numbered.exec(name)?.[1] ?? 0))
  return numbered(names.live, Math.max(0, ...numbers) + 1)
}

/** Drops the copies that are not searched. An index with an alias that is not ours is left alone. */
export async function dropLeft(client: Client, names: Names): Promise<string[]> {
  const found = await client.indices.getAlias({ index: `${names.live}-*` })
  const left = Object.entries(found)
    .filter(([name]) => names.numbered.test(name))
    .filter(([, { aliases }]) => Object.keys(aliases).every((alias) => alias === names.building))
    .map(([name]) => name)
  if (left.length > 0) await client.indices.delete({ index: left })
  return left.sort()
}

/** In one step: there is always exactly one copy that is searched. */
export async function switchTo(client: Client, names: Names, name: string): Promise<void> {
  await client.indices.refresh({ index: name })
  const found = await client.indices.getAlias({ name: names.live })
  await client.indices.updateAliases({
    actions: [
      { remove: { index: name, alias: names.building } },
      ...Object.keys(found).map((index) => ({ remove_index: { index } })),
      { add: { index: name, alias: names.live } },
    ],
  })
}
