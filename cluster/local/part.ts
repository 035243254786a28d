/** A process of the platform that can be stopped and started again with the data in its folder. */
export type Part = {
  name: string
  /** Where it listens, for display. */
  address: string
  /** Resolves once it is ready; rejects with a StartError. */
  start(signal: AbortSignal): Promise<void>
  /** Resolves once it has ended. Does nothing when it is not running. */
  stop(ending: Ending): Promise<void>
}

/** Ended by a signal to stop, or by SIGKILL like a lost machine. */
export type Ending = 'stopped' | 'killed'

/** Called with a sentence when a part ends without being stopped. */
export type OnEnd = (sentence: string) => void
