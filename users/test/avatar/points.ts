/** Of a change of an avatar, where a process may be killed. */
export const points = ['inserted', 'first put', 'before the switch', 'committed', 'half removed']
