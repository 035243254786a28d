/** A real server for testing adapters. */
export type Engine = {
  name: string
  /** The adapter to test: `*-<adapter>.engine-test.ts`, which finds the server's address in `EGO_TEST_<ADAPTER>`. */
  adapter: string
  /** Whether it can start without being downloaded or built first. */
  isBuilt?(): boolean
  /** Throws an EngineMissing when the engine is not available on this machine. */
  start(signal: AbortSignal): Promise<RunningEngine>
}

export type RunningEngine = AsyncDisposable & { url: string }

/** Says in a few words why an engine does not run. */
export class EngineMissing extends Error {}

export function variableOf({ adapter }: Pick<Engine, 'adapter'>): string {
  return `EGO_TEST_${adapter.toUpperCase()}`
}
