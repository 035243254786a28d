import { createHash } from 'node:crypto'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { unavailable } from '../async/unavailable.ts'
import type { BlobBody, BlobHead, Blobs, StoredBlob } from './blobs.ts'
import { checkBlobKey, checkBlobType, listLimitDefault } from './blobs.ts'

export type S3Options = {
  /** Without it, AWS in the region. */
  endpoint?: string
  region: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`, as most servers other than AWS require. */
  pathStyle: boolean
}

/** Uploads and downloads hold the whole object in memory. */
const objectBytesMax = 16 * 1024 * 1024
/** Includes the wait for a free socket. */
const connectTimeoutMs = 2_000
const attemptTimeoutMs = 4_000
/** For all attempts together. An avatar is written inside a transaction, which may be idle for 10 s. */
const operationTimeoutMs = 8_000
const attemptsMax = 3
const socketsMax = 50
/** The page size limit of S3. */
const pageMax = 1_000
/**
 * MinIO lists nothing below `a/` while there is an object `a`; with this suffix no object has the name of a folder. It
 * sorts before every character of a key, so names sort like their keys.
 */
const objectSuffix = '!'

/**
 * Stores objects in an existing bucket that holds nothing else. The login needs `s3:GetObject`, `s3:PutObject`,
 * `s3:DeleteObject` and `s3:ListBucket`; without the last one, S3 answers 403 for an absent object.
 */
export async function s3Blobs(options: S3Options): Promise<Blobs & AsyncDisposable> {
  // The SDK takes tens of megabytes of memory, so it is loaded only when it is used.
  const sdk = await import('@aws-sdk/client-s3')
  const client = new sdk.S3Client(clientOptions(options))
  const at = (key: string) => {
    checkBlobKey(key)
    return { Bucket: options.bucket, Key: key + objectSuffix }
  }

  return {
    async put(key, body, { type }) {
      const target = at(key)
      checkBlobType(type)
      const bytes = await collect(body)
      const command = new sdk.PutObjectCommand({ ...target, Body: bytes, ContentType: type })
      await withinTimeout((abortSignal) => client.send(command, { abortSignal }))
      return headOf(bytes, type)
    },

    async get(key) {
      const command = new sdk.GetObjectCommand(at(key))
      return withinTimeout(async (abortSignal) => {
        try {
          const { Body, ContentType } = await client.send(command, { abortSignal })
          const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array()
          return storedBlob(bytes, ContentType ?? 'application/octet-stream')
        } catch (error) {
          if (error instanceof sdk.NoSuchKey) return null
          throw error
        }
      })
    },

    async delete(key) {
      const command = new sdk.DeleteObjectCommand(at(key))
      await withinTimeout((abortSignal) => client.send(command, { abortSignal }))
    },

    async list(prefix, { after = '', limit = listLimitDefault } = {}) {
      const command = new sdk.ListObjectsV2Command({
        Bucket: options.bucket,
        Prefix: prefix,
        MaxKeys: Math.min(limit, pageMax),
        ...(after && { StartAfter: after + objectSuffix }),
      })
      const page = await withinTimeout((abortSignal) => client.send(command, { abortSignal }))
      const items = (page.Contents ?? []).map(({ Key = '', Size = 0, LastModified }) => ({
        key: Key.slice(0, -objectSuffix.length),
        size: Size,
        modifiedAt: LastModified ?? new Date(0),
      }))
      return { items, next: page.IsTruncated ? (items.at(-1)?.key ?? null) : null }
    },

    async [Symbol.asyncDispose]() {
      client.destroy()
    },
  }
}

/** The SDK would look for any option that is missing here in the environment and in the home folder. */
function clientOptions({ accessKeyId, secretAccessKey, ...options }: S3Options): S3ClientConfig {
  return {
    ...(options.endpoint && { endpoint: options.endpoint }),
    ignoreConfiguredEndpointUrls: true,
    region: options.region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: options.pathStyle,
    maxAttempts: attemptsMax,
    retryMode: 'standard',
    defaultsMode: 'standard',
    authSchemePreference: ['aws.auth#sigv4'],
    sigv4aSigningRegionSet: [options.region],
    // The signature already covers the content, and not every server supports the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    disableClockSkewCorrection: false,
    disableS3ExpressSessionAuth: true,
    useArnRegion: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: async () => undefined,
    defaultUserAgentProvider: async () => [['ego', '1']],
    logger: silent,
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      requestTimeout: attemptTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: socketsMax },
      httpsAgent: { maxSockets: socketsMax },
      logger: silent,
    },
  }
}

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

/** Limits the whole operation, including the body. A refusal by S3 is thrown as it is; any other failure is unavailable. */
async function withinTimeout<T>(ask: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await ask(AbortSignal.timeout(operationTimeoutMs))
  } catch (error) {
    if (isRefusal(error)) throw error
    throw unavailable('The object store did not answer.', error)
  }
}

function isRefusal(error: unknown): boolean {
  const { httpStatusCode: status = 0 }: { httpStatusCode?: number } = Object(error).$metadata ?? {}
  return status >= 400 && status < 500 && status !== 408 && status !== 429
}

/** The whole body is read before anything is sent, so a body that breaks off changes nothing. */
async function collect(body: BlobBody): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    size += chunk.byteLength
    if (size > objectBytesMax) {
      throw new RangeError(`An object may have at most ${objectBytesMax} bytes.`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Not the ETag of S3, which is an MD5, for which collisions can be made, or depends on encryption. */
function headOf(bytes: Uint8Array, type: string): BlobHead {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`
  return { type, size: bytes.byteLength, etag }
}

/** The object is read to its end first: a slow reader would hold a connection, and on some servers block every writer. */
function storedBlob(bytes: Uint8Array, type: string): StoredBlob {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (bytes.byteLength > 0) controller.enqueue(bytes)
      controller.close()
    },
  })
  return { ...headOf(bytes, type), body }
}
