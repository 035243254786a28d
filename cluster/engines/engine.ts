/** A real server for the tests of adapters. */
export type Engine = {
  name: string
  /** The adapters that it is for: the tests in `*-<adapter>.engine-test.ts`, told its address by `EGO_TEST_<ADAPTER>`. */
  adapter: string
  /** Whether it starts at once, without being fetched or built. */
  isBuilt?(): boolean
  /** Throws a NotHere when it cannot be had on this machine. */
  start(signal: AbortSignal): Promise<RunningEngine>
}

export type RunningEngine = AsyncDisposable & { url: string }

/** Why an engine is not run, in a few words. */
export class NotHere extends Error {}

export function variableOf({ adapter }: Pick<Engine, 'adapter'>): string {
  return `EGO_TEST_${adapter.toUpperCase()}`
}
