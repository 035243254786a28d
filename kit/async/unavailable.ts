/** What an adapter throws while its engine does not answer. A request gets 503 for it; background work tries again. */
export function unavailable(sentence: string, cause?: unknown): Error {
  return Object.assign(new Error(sentence, { cause }), { code: unavailableCode })
}

export const unavailableCode = 'ENGINE_UNAVAILABLE'
