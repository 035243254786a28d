import { services } from '@ego/contracts/services'
import type { S3Options } from '@ego/kit/blobs/blobs-s3'
import { ConfigError, type Environment, readConfig } from '@ego/kit/process/config'
import {
  jwksVariable,
  portVariable,
  redisVariable,
  serviceVariables,
} from '@ego/kit/process/service-variables'
import { z } from 'zod'

export const configSchema = z.object({
  ...serviceVariables,
  ...jwksVariable,
  ...redisVariable,
  PORT: portVariable(services.users.port),
  /** Avatars are kept here as files. */
  BLOBS_FOLDER: z.string().optional(),
  /** Instead, avatars are objects of this bucket, which holds nothing else. */
  S3_BUCKET: z.string().optional(),
  /** Where it is not Amazon's, such as `http://minio:9000`. */
  S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  S3_REGION: z.string().default('us-east-1'),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  /** `https://host/bucket` instead of `https://bucket.host`, as MinIO wants it. */
  S3_PATH_STYLE: z.stringbool().default(false),
})

export type Config = z.output<typeof configSchema>

export function loadConfig(environment: Environment = process.env): Config {
  const config = readConfig(configSchema, environment)
  blobTarget(config)
  return config
}

export type BlobTarget = { folder: string } | { s3: S3Options }

/** Where avatars are kept: exactly one of two variables says it. */
export function blobTarget(config: Config): BlobTarget {
  const { BLOBS_FOLDER, S3_BUCKET, S3_ENDPOINT, S3_REGION, S3_PATH_STYLE } = config
  if (BLOBS_FOLDER && S3_BUCKET) {
    throw new ConfigError(['BLOBS_FOLDER and S3_BUCKET are both set; set one of them.'])
  }
  if (BLOBS_FOLDER) return { folder: BLOBS_FOLDER }
  const { S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = config
  if (!S3_BUCKET || !S3_ACCESS_KEY_ID || !S3_SECRET_ACCESS_KEY) {
    const text =
      'Set BLOBS_FOLDER to keep avatars as files, or S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.'
    throw new ConfigError([text])
  }
  const s3 = {
    bucket: S3_BUCKET,
    region: S3_REGION,
    pathStyle: S3_PATH_STYLE,
    accessKeyId: S3_ACCESS_KEY_ID,
    secretAccessKey: S3_SECRET_ACCESS_KEY,
    ...(S3_ENDPOINT && { endpoint: S3_ENDPOINT }),
  }
  return { s3 }
}
