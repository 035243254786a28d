/** A process of the platform that can be taken away and brought back; what it keeps stays in its folder. */
export type Part = {
  name: string
  /** Where it listens, for people. */
  address: string
  /** Resolves once it can be used; rejects with a StartError. */
  start(signal: AbortSignal): Promise<void>
  /** Resolves once it is gone. Nothing happens when it does not run. */
  stop(ending: Ending): Promise<void>
}

/** As an operator ends it, or as a machine that is lost does. */
export type Ending = 'stopped' | 'killed'

/** Told in a sentence when a part ends although nobody ended it. */
export type OnEnd = (sentence: string) => void
