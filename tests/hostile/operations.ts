import { routedServices } from '@ego/contracts/services'
import { z } from 'zod'

/** An operation from the OpenAPI documents, which are read through the gateway. */
export type Operation = {
  /** Such as `PATCH /posts/{post_id}`. */
  name: string
  method: string
  path: string
  /** Path and query parameters that are ids. */
  ids: readonly string[]
  isMemberOnly: boolean
  hasBody: boolean
  responses: readonly string[]
}

const parameter = z.object({ name: z.string(), in: z.string() })
const operation = z.object({
  security: z.array(z.record(z.string(), z.unknown())).default([]),
  parameters: z.array(parameter).default([]),
  requestBody: z.unknown().optional(),
  responses: z.record(z.string(), z.unknown()),
})
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) })

export async function readOperations(url: string): Promise<Operation[]> {
  const documents = await Promise.all(
    routedServices.map(async (service) =>
      document.parse(await (await fetch(`${url}/${service}/openapi.json`)).json()),
    ),
  )
  return documents.flatMap(({ paths }) =>
    Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, it]) => toOperation(method, path, it)),
    ),
  )
}

function toOperation(method: string, path: string, it: z.output<typeof operation>): Operation {
  const { security, parameters, requestBody, responses } = it
  return {
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    ids: parameters.filter((each) => isId(each)).map(({ name }) => name),
    isMemberOnly: security.length > 0 && security.every((way) => Object.keys(way).length > 0),
    hasBody: requestBody !== undefined,
    responses: Object.keys(responses),
  }
}

function isId({ name, in: place }: z.output<typeof parameter>): boolean {
  return place === 'path' || (place === 'query' && /(^|_)id$/.test(name))
}
