import { createHash } from 'node:crypto'
import type { Request } from './request.ts'

type Event = { listen: 'prerequest' | 'test'; script: { type: 'text/javascript'; exec: string[] } }

export type Item = { id: string; name: string; event?: Event[]; request: Request }
export type Folder = {
  id: string
  name: string
  description?: string
  event?: Event[]
  item: (Folder | Item)[]
}

export function event(listen: Event['listen'], exec: string[]): Event[] {
  return exec.length > 0 ? [{ listen, script: { type: 'text/javascript', exec } }] : []
}

/** Always the same for the same names: a collection that is imported again replaces itself. */
export function idOf(...names: string[]): string {
  const hex = createHash('sha256').update(names.join('\n')).digest('hex')
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ]
  return [...parts, hex.slice(20, 32)].join('-')
}
