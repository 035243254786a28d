const isPart = Symbol('part of a statement')

/** A piece of a statement, to be put into another one; it runs nothing by itself. */
export type Part = {
  readonly [isPart]: true
  strings: readonly string[]
  values: readonly unknown[]
}

export type Statement = { text: string; values: unknown[] }

export function part(strings: TemplateStringsArray, ...values: unknown[]): Part {
  return { [isPart]: true, strings, values }
}

/** The name of a table, a column or a role where it is only known at run time. */
export function identifier(name: string): Part {
  return { [isPart]: true, strings: [`"${name.replaceAll('"', '""')}"`], values: [] }
}

/** Every value becomes a parameter; only a part is taken as text. */
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
      // Silently null, as the driver would have it, a forgotten argument matches or writes the wrong rows.
      if (value === undefined) throw new TypeError(`Parameter ${index + 1} is undefined.`)
      statement.values.push(value)
      statement.text += `$${statement.values.length}`
    }
  }
}

function isAPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && isPart in value
}
