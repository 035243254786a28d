import { convert, type Document } from './convert.ts'
import { event, firstWalk, walkName } from './first-walk.ts'

const intro = `Every operation of Ego, made by \`npm run docs:postman\` from the services' OpenAPI documents.

Run the folder "${walkName}" first: it registers two people under new names, and leaves what the other folders use in
the variables of the collection. It ends signed out: send its "Log in" again to go on. \`base_url\` is in the environment.`

// Every sign-in passes its tokens to later requests.
const keepTokens = `
if (pm.response.headers.get('Content-Type')?.startsWith('application/json')) {
  const { access_token, refresh_token } = pm.response.json()
  if (access_token) pm.collectionVariables.set('access_token', access_token)
  if (refresh_token) pm.collectionVariables.set('refresh_token', refresh_token)
}`

/** The variables before the first run. */
const variables = {
  access_token: '',
  refresh_token: '',
  username: 'testusername',
  password: 'testpassword',
  follower_username: '',
  user_id: '1',
  post_id: '0199d1d2-8c6a-7e0f-9a51-3a1c9de0f0aa',
  session_id: '0199d1d2-8c6a-7e0f-9a51-3a1c9de0f0aa',
}

/** The collection for these documents, in the format of Postman 2.1. */
export async function collectionOf(documents: readonly Document[]) {
  const services = await Promise.all(documents.map(convert))
  const operations = services.flatMap((service) => service.item.flatMap((tag) => tag.item))
  return {
    info: {
      // Constant, so that importing the collection again replaces it.
      _postman_id: 'd5c27db0-dada-8021-8f6a-858f1264c622',
      name: 'Ego',
      description: intro,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{access_token}}', type: 'string' }] },
    event: [event('test', keepTokens)],
    variable: Object.entries(variables).map(([key, value]) => ({ key, value })),
    item: [firstWalk(operations), ...services],
  }
}

export const environment = {
  id: '8d943470-700f-8ded-8b92-f211a4886196',
  name: 'Ego',
  values: [{ key: 'base_url', value: 'http://localhost:9080', type: 'default', enabled: true }],
  _postman_variable_scope: 'environment',
}

export function textOf(file: object): string {
  return `${JSON.stringify(file, null, 2)}\n`
}
