/** A mail that was asked for; `id` is that of the event. */
export type Message = {
  id: string
  template: string
  sealed: string
  requestId: string | null
  createdAt: Date
  /** With the one that this claim is for. */
  attempts: number
}

export type DeadMessage = Omit<Message, 'sealed'> & { failure: string; diedAt: Date }

export type Queue = { waiting: number; dead: number; oldestAt: Date | null }

export type Claim = { now: number; limit: number; leaseMs: number }
export type DeadPage = { limit?: number; after?: string }

export type MessageStore = {
  /**
   * Takes what is due, oldest first, and counts the attempt before it is made. Nobody else gets it until the lease is
   * over, whatever becomes of this process.
   */
  claim(claim: Claim): Promise<Message[]>

  /** Forgets the sealed text with it. */
  markSent(id: string, now: number): Promise<void>
  /** Nothing happens when somebody else has claimed the message since. */
  postpone(message: Message, failure: string, dueAt: number): Promise<void>
  bury(message: Message, failure: string, now: number): Promise<void>

  /** In the order of their ids, that is of asking; `after` is the last id of the page before. */
  listDead(page?: DeadPage): Promise<DeadMessage[]>
  /** Queues it as if it were new, under the same id. `false` when it is not among the dead. */
  replay(id: string, now: number): Promise<boolean>
  /** For good. `false` when it is not among the dead. */
  discard(id: string): Promise<boolean>

  /** Deletes a batch of those sent or dead before that, and says how many. */
  sweep(before: number, limit: number): Promise<number>
  measure(): Promise<Queue>
}
