/** What an adapter throws while its engine does not answer. A request is answered with 503; background work retries. */
export function unavailable(sentence: string, cause?: unknown): Error {
  return Object.assign(new Error(sentence, { cause }), { code: unavailableCode })
}

export const unavailableCode = 'ENGINE_UNAVAILABLE'
