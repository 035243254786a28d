/** Who hears of events. A broker keeps events for all of them from the first one on, also for those that never ran yet. */
export const eventConsumers = ['auth', 'users', 'posts', 'mail'] as const
