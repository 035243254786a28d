const isPart = Symbol('part of a statement')

/** A fragment to insert into a statement. It runs nothing by itself. */
export type Part = {
  readonly [isPart]: true
  strings: readonly string[]
  values: readonly unknown[]
}

export type Statement = { text: string; values: unknown[] }

export function part(strings: TemplateStringsArray, ...values: unknown[]): Part {
  return { [isPart]: true, strings, values }
}

/** Quotes the name of a table, a column or a role that is only known at run time. */
export function identifier(name: string): Part {
  return { [isPart]: true, strings: [`"${name.replaceAll('"', '""')}"`], values: [] }
}

/** Every value becomes a parameter, except a `Part`, which is inserted as text. */
export function toStatement(strings: readonly string[], values: readonly unknown[]): Statement {
  const statement: Statement = { text: '', values: [] }
  append(statement, strings, values)
  return statement
}

function append(statement: Statement, strings: readonly string[], values: readonly unknown[]) {
  for (const [index, text] of strings.entries()) {
    statement.text += text
    if (index === values.length) return
    const value = values[index]
    if (isAPart(value)) append(statement, value.strings, value.values)
    else {
      // The driver would send null, so that a forgotten argument matches or writes the wrong rows.
      if (value === undefined) throw new TypeError(`Parameter ${index + 1} is undefined.`)
      statement.values.push(value)
      statement.text += `$${statement.values.length}`
    }
  }
}

function isAPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && isPart in value
}
