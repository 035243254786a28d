import { elasticsearch } from '../engines/elasticsearch.ts'
import { type Engine, EngineMissing } from '../engines/engine.ts'
import { greenmail } from '../engines/greenmail.ts'
import { minio } from '../engines/minio.ts'
import { type Extra, extras } from './options.ts'

export type Extras = AsyncDisposable & {
  variables: Record<string, string>
  addresses: (readonly [string, string])[]
  absent: string[]
  /** The HTTP API of the mail server; `null` without one. */
  mailApi: string | null
}

type Choice = {
  engine: Engine
  variables(url: URL): Record<string, string>
  mailApi?(url: URL): string
}

const choices: Record<Extra, Choice> = {
  minio: {
    engine: minio,
    variables: (url) => ({
      S3_ENDPOINT: url.origin,
      S3_BUCKET: url.pathname.slice(1),
      S3_ACCESS_KEY_ID: url.username,
      S3_SECRET_ACCESS_KEY: url.password,
      S3_PATH_STYLE: 'true',
    }),
  },
  elasticsearch: {
    engine: elasticsearch,
    variables: (url) => ({ ELASTICSEARCH_URL: url.origin }),
  },
  greenmail: {
    engine: greenmail,
    variables: (url) => ({ SMTP_URL: `smtp://${url.host}` }),
    mailApi: (url) => `http://${url.hostname}:${url.searchParams.get('api')}/api`,
  },
}

const instead: Record<Extra, string> = {
  minio: 'avatars are files',
  elasticsearch: 'posts are searched in Postgres',
  greenmail: 'mails are files',
}

/** Starts the wanted engines, or else those that are built. The platform has a replacement for each of them. */
export async function startExtras(
  wanted: readonly Extra[] | null,
  signal: AbortSignal,
): Promise<Extras> {
  await using building = new AsyncDisposableStack()
  const found: Omit<Extras, keyof AsyncDisposable> = {
    variables: {},
    addresses: [],
    absent: [],
    mailApi: null,
  }
  for (const name of wanted ?? extras) {
    const { engine, variables, mailApi } = choices[name]
    try {
      if (!wanted && !engine.isBuilt?.()) throw new EngineMissing('it is not built yet')
      const { url } = building.use(await engine.start(signal))
      Object.assign(found.variables, variables(new URL(url)))
      found.mailApi ??= mailApi?.(new URL(url)) ?? null
      found.addresses.push([name, new URL(url).host])
    } catch (error) {
      if (!(error instanceof EngineMissing)) throw error
      found.absent.push(
        `${name}: ${error.message}, so ${instead[name]}; start with --with ${name} to try it.`,
      )
    }
  }
  const owned = building.move()
  return { ...found, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
