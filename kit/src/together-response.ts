import { type IncomingMessage, ServerResponse } from 'node:http'

let held: (() => void)[] = []

/**
 * Answers that are ready in one turn of the event loop leave together at its end. Each alone would wake its reader anew,
 * which costs more than all the writing.
 */
export class TogetherResponse<
  Incoming extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Incoming> {
  override end(...content: unknown[]): this {
    if (held.push(() => super.end(...(content as []))) === 1) setImmediate(releaseAnswers)
    return this
  }
}

/** For whoever is about to close a connection: what is ready for it must not be lost. */
export function releaseAnswers(): void {
  const ends = held
  held = []
  for (const end of ends) end()
}
