/** What auth's events have told of an account. */
export type KnownAccount = { userId: number; username: string }

export type AccountStore = {
  /** `null` until the event of the registration has arrived. */
  find(userId: number): Promise<KnownAccount | null>
}
