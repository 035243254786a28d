import type { Document, Operation } from './document.ts'
import { exampleOf } from './example.ts'
import { firstWalk } from './first-walk.ts'
import { event, type Folder, type Item, idOf } from './item.ts'
import { requestOf } from './request.ts'
import { keep, readAnswer } from './step.ts'

export const walkName = 'First walk'

const intro = `Every operation of Ego, made by \`npm run docs:postman\` from the services' OpenAPI documents.

Run the folder "${walkName}" first: it registers two people under new names, and leaves what the other folders use in
the variables of the collection. It ends signed out: send its "Log in" again to go on. \`base_url\` is in the environment.`

/** The collection for these documents, in the format of Postman 2.1. */
export function collectionOf(documents: readonly Document[]) {
  const operations = documents.flatMap((document) => document.operations)
  const item = [firstWalk(walkName, operations), ...documents.map(serviceFolder)]
  return {
    info: {
      _postman_id: idOf('ego'),
      name: 'Ego',
      description: intro,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    item,
    variable: variablesOf(JSON.stringify(item), operations),
  }
}

export const environment = {
  id: idOf('ego', 'environment'),
  name: 'Ego',
  values: [{ key: 'base_url', value: 'http://localhost:9080', type: 'default', enabled: true }],
  _postman_variable_scope: 'environment',
}

function serviceFolder({ service, description, operations }: Document): Folder {
  const tags = [...new Set(operations.map(({ tags: [tag] }) => tag))].sort()
  return {
    id: idOf(service),
    name: service,
    description,
    item: tags.map((tag) => ({
      id: idOf(service, tag),
      name: tag,
      item: operations.filter(({ tags }) => tags[0] === tag).map(referenceItem),
    })),
  }
}

function referenceItem(operation: Operation): Item {
  const script = keepTokens(operation)
  return {
    id: idOf(operation.key),
    name: operation.summary,
    ...(script.length > 0 && { event: event('test', script) }),
    request: requestOf(operation),
  }
}

/** Whoever signs in by a request of their own has the tokens for the next one, too. */
function keepTokens({ responses }: Operation): string[] {
  const names = Object.values(responses)
    .flatMap(({ content }) => Object.keys(content['application/json']?.schema.properties ?? {}))
    .filter((name) => name.endsWith('_token'))
  if (names.length === 0) return []
  const lines = [readAnswer, ...keep(Object.fromEntries(names.map((name) => [name, name])))]
  return ['if (pm.response.code < 300) {', ...lines.map((line) => `  ${line}`), '}']
}

/** All that are named somewhere; one that stands in a path begins with the example of it. */
function variablesOf(text: string, operations: readonly Operation[]) {
  const used = [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '')
  const parameters = operations.flatMap(({ parameters, schemas }) =>
    parameters.filter((parameter) => parameter.in === 'path').map((each) => ({ ...each, schemas })),
  )
  return [...new Set(used)]
    .filter((name) => !environment.values.some(({ key }) => key === name))
    .sort()
    .map((key) => {
      const found = parameters.find(({ name }) => name === key)
      return { key, value: found ? String(exampleOf(found.schema, found.schemas)) : '' }
    })
}
