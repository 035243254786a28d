export const remains = ['sessions', 'mailed tokens', 'revocations', 'signing keys'] as const

/** What is over by its time and only takes up room. */
export type Remains = (typeof remains)[number]

/** Looks at up to so many rows and deletes those that are over; `isLast` when there is nothing more to look at. */
export type Step = (rowsMax: number) => Promise<{ deleted: number; isLast: boolean }>

export type SweepStore = {
  /**
   * Runs the work in one process at a time; `false`, without running it, while another one is at it. Each step is short
   * and never waits for a row that somebody else works on: that one is left for the next sweep.
   */
  alone(work: (steps: Readonly<Record<Remains, Step>>) => Promise<void>): Promise<boolean>
}
