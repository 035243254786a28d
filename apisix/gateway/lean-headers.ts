import { type Fields, joinField, removeField, setField } from './http/fields.ts'

/**
 * Web-standard headers over a flat field list. What services do all day (`get`, `has`, `set`) works
 * on the list; anything else builds the real `Headers`, which then speaks alone.
 */
export class LeanHeaders {
  #fields: Fields
  #isShared: boolean
  #real: Headers | null = null

  /** A shared list belongs to somebody else too and is copied before the first change. */
  constructor(fields: Fields, isShared: boolean) {
    this.#fields = fields
    this.#isShared = isShared
  }

  /** The list, or `null` once only the real object knows the truth. */
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

/** Whether a field needs neither normalising nor refusing; the real object does both. */
export function isPlainField(name: string, value: unknown): value is string {
  return typeof value === 'string' && plainName.test(name) && plainValue.test(value)
}

/** Whatever a lean class does not define itself is asked of the real object it stands for. */
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
