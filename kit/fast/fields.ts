/**
 * Header fields as one flat list, [name, value, name, value, …]: the form in which Node reads and
 * writes them, so that nothing is copied on the way. Names are lower case; duplicates stay.
 */
export type Fields = string[]

export function findField(fields: Fields, name: string): string | undefined {
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] === name) return fields[i + 1]
  }
  return undefined
}

export function removeField(fields: Fields, name: string): void {
  for (let i = fields.length - 2; i >= 0; i -= 2) {
    if (fields[i] === name) fields.splice(i, 2)
  }
}

export function removeFields(fields: Fields, names: ReadonlySet<string>): void {
  for (let i = fields.length - 2; i >= 0; i -= 2) {
    if (names.has(fields[i] ?? '')) fields.splice(i, 2)
  }
}

/** Replaces the first field of that name in place and removes the others. */
export function setField(fields: Fields, name: string, value: string): void {
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] !== name) continue
    fields[i + 1] = value
    for (let j = fields.length - 2; j > i; j -= 2) {
      if (fields[j] === name) fields.splice(j, 2)
    }
    return
  }
  fields.push(name, value)
}

export function setFields(fields: Fields, pairs: Fields): void {
  for (let i = 0; i < pairs.length; i += 2) setField(fields, pairs[i] ?? '', pairs[i + 1] ?? '')
}

/** All values of a name as one, the way RFC 9110 combines them. */
export function joinField(fields: Fields, name: string): string | undefined {
  let joined: string | undefined
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] !== name) continue
    joined = joined === undefined ? fields[i + 1] : `${joined}, ${fields[i + 1]}`
  }
  return joined
}
