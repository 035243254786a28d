/** For a hash, and for a place: at about 10 ms each, the last one waits some two seconds on a small machine. */
export const waiting = {
  waitingMax: 400,
  busyText: 'Too many people are signing in at the moment.',
} as const
