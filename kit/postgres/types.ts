import pg from 'pg'

const int8 = 20
const int8Array = 1016
const date = 1082
const dateArray = 1182

/** Parsers for the types that the driver maps badly; the driver's global parsers stay unchanged. */
export const postgresTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === int8) return safeInteger
    if (oid === int8Array) return (raw: string) => listOf(raw).map(safeInteger)
    // A date has no time zone; as a Date it could become the day before.
    if (oid === date || oid === dateArray) return oid === date ? String : listOf
    return pg.types.getTypeParser(oid, format)
  },
}

function safeInteger(raw: string): number {
  const value = Number(raw)
  // A rounded id would silently identify another row.
  if (!Number.isSafeInteger(value)) throw new RangeError(`${raw} is beyond a safe integer.`)
  return value
}

function listOf(raw: string): string[] {
  return raw === '{}' ? [] : raw.slice(1, -1).split(',')
}
