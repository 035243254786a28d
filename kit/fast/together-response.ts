import { type IncomingMessage, ServerResponse } from 'node:http'

/**
 * The response class for one server: responses that end in the same turn of the event loop are written together at the end
 * of that turn. Written one by one, each would wake its reader, which costs more than the writing. Nothing may be written
 * to such a response after `end`.
 */
export function togetherResponse(onBroken: (error: unknown) => void) {
  let held: (() => void)[] = []

  function release(): void {
    const ends = held
    held = []
    for (const end of ends) end()
  }

  return class TogetherResponse<
    Incoming extends IncomingMessage = IncomingMessage,
  > extends ServerResponse<Incoming> {
    #isEnded = false

    static {
      // True from the call of `end` on, as in Node, although the response still waits. The types know it only as a field.
      Object.defineProperty(TogetherResponse.prototype, 'writableEnded', {
        configurable: true,
        get(this: TogetherResponse) {
          return this.#isEnded
        },
      })
    }

    override end(...content: unknown[]): this {
      this.#isEnded = true
      if (held.push(() => this.#leave(content)) === 1) setImmediate(release)
      return this
    }

    /** A response that cannot be written closes its own connection; the others are still written. */
    #leave(content: readonly unknown[]): void {
      try {
        Reflect.apply(super.end, this, content)
      } catch (error) {
        onBroken(error)
        this.destroy(error instanceof Error ? error : undefined)
      }
    }
  }
}
