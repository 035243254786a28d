import type { Fields } from '@ego/kit/fast/fields'
import { removeFields, setField } from '@ego/kit/fast/fields'
import type { Exchange } from '../http/exchange.ts'
import type { FieldTemplate } from '../variables/template.ts'

type Changes = {
  readonly add: readonly FieldTemplate[]
  readonly set: readonly FieldTemplate[]
  readonly remove: readonly string[]
}

/** Adds, then sets, then removes fields: the order of APISIX. */
export function createFieldChange({ add, set, remove }: Changes) {
  const removed = new Set(remove.map((name) => name.toLowerCase()))
  return (fields: Fields, exchange: Exchange): void => {
    for (const [name, value] of add) fields.push(name, value(exchange))
    for (const [name, value] of set) setField(fields, name, value(exchange))
    if (removed.size > 0) removeFields(fields, removed)
  }
}
