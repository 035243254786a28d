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

export type NewMessage = Pick<Message, 'id' | 'template' | 'sealed' | 'requestId'>
export type DeadMessage = Omit<Message, 'sealed'> & { failure: string; diedAt: Date }
export type Queue = { waiting: number; dead: number; oldestAt: Date | null }
export type Claim = { now: number; limit: number; leaseMs: number }

export type MessageStore = {
  /** Nothing happens when there is one of that id: an event that is replayed asks for nothing new. */
  add(message: NewMessage, now: number): Promise<void>
  /**
   * Takes what is due, oldest first, and counts the attempt before it is made. No other claim gets it until the lease is
   * over, even when this process dies.
   */
  claim(claim: Claim): Promise<Message[]>

  /** Forgets the sealed text with it. */
  markSent(id: string, now: number): Promise<void>
  /** Neither of these does anything when the message was claimed again meanwhile. */
  postpone(message: Message, failure: string, dueAt: number): Promise<void>
  markDead(message: Message, failure: string, now: number): Promise<void>

  /** In the order of their ids, that is of asking. */
  listDead(limit: number): Promise<DeadMessage[]>
  /** Queues it as if it were new, under the same id. `false` when it is not among the dead. */
  replay(id: string, now: number): Promise<boolean>
  /** Queues all of the dead, and says how many. */
  replayAll(now: number): Promise<number>
  /** For good. `false` when it is not among the dead. */
  discard(id: string): Promise<boolean>

  /** Deletes a batch of those sent or dead before that, and says how many. */
  sweep(before: number, limit: number): Promise<number>
  measure(): Promise<Queue>
}
