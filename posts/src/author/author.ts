/** The card of a writer, shown beside every post. */
export type Author = { userId: number; username: string; firstName: string; lastName: string }
