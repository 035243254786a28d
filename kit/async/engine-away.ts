/** What an adapter throws while its engine does not answer: callers get 503, and whoever can wait tries again. */
export function engineAway(sentence: string, cause?: unknown): Error {
  return Object.assign(new Error(sentence, { cause }), { code: engineAwayCode })
}

export const engineAwayCode = 'ENGINE_AWAY'
