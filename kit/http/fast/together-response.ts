import { type IncomingMessage, ServerResponse } from 'node:http'

/**
 * For one server, whose code does not write after `end`: answers that are ready in one turn of the event loop leave together at its end. Each alone would wake its
 * reader anew, which costs more than all the writing.
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
      // From the call of `end` on, as always: an answer that waits here is whole. The types know it as a field only.
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

    /** What cannot be written ends its own connection, and nobody else's. */
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
