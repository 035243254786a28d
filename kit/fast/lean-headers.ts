import { type Fields, joinField, removeField, setField } from './fields.ts'

/**
 * Web-standard headers over a flat field list. The common calls (`get`, `has`, `set`) work on the
 * list; anything else builds the real `Headers`, which is used alone from then on.
 */
export class LeanHeaders {
  #fields: Fields
  #isShared: boolean
  #real: Headers | null = null

  /** A shared list has another owner too and is copied before the first change. */
  constructor(fields: Fields, isShared: boolean) {
    this.#fields = fields
    this.#isShared = isShared
  }

  /** The list, or `null` once the real object has taken its place. */
  get leanFields(): Fields | null {
    return this.#real === null ? this.#fields : null
  }

  get(name: string): string | null {
    if (this.#real !== null) return this.#real.get(name)
    return joinField(this.#fields, name.toLowerCase()) ?? null
  }

  has(name: string): boolean {
    return this.get(name) !== null
  }

  set(name: string, value: string): void {
    if (this.#real !== null || !isPlainField(name, value)) this.real().set(name, value)
    else setField(this.#own(), name.toLowerCase(), value)
  }

  append(name: string, value: string): void {
    if (this.#real !== null || !isPlainField(name, value)) this.real().append(name, value)
    else this.#own().push(name.toLowerCase(), value)
  }

  delete(name: string): void {
    if (this.#real !== null) this.#real.delete(name)
    else removeField(this.#own(), name.toLowerCase())
  }

  real(): Headers {
    if (this.#real === null) {
      this.#real = new Headers()
      for (let i = 0; i < this.#fields.length; i += 2) {
        this.#real.append(this.#fields[i] ?? '', this.#fields[i + 1] ?? '')
      }
    }
    return this.#real
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.real()[Symbol.iterator]()
  }

  #own(): Fields {
    if (this.#isShared) this.#fields = [...this.#fields]
    this.#isShared = false
    return this.#fields
  }
}

const plainName = /^[\w-]+$/
const plainValue = /^(?:[!-~](?:[ -~]*[!-~])?)?$/

/** Whether a field can be kept as it is. The real object normalises or refuses the others. */
export function isPlainField(name: string, value: unknown): value is string {
  return typeof value === 'string' && plainName.test(name) && plainValue.test(value)
}

/** Passes everything that a lean class does not define on to the real object that it stands for. */
export function standIn(
  lean: { readonly prototype: { real(): object } },
  real: { readonly prototype: object },
): void {
  const properties = Object.getOwnPropertyDescriptors(real.prototype)
  for (const [name, { enumerable = false }] of Object.entries(properties)) {
    if (Object.hasOwn(lean.prototype, name)) continue
    Object.defineProperty(lean.prototype, name, {
      configurable: true,
      enumerable,
      get(this: { real(): object }) {
        const target = this.real()
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }
  Object.setPrototypeOf(lean.prototype, real.prototype)
}

standIn(LeanHeaders, Headers)
