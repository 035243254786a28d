export const serviceNames = ['auth', 'users', 'posts', 'mail'] as const
export type ServiceName = (typeof serviceNames)[number]

/** The names that apisix.yaml has for the services that it routes to. */
export const serviceNodes = { auth: 'auth:3001', users: 'users:3002', posts: 'posts:3003' } as const

export const routedServices = ['auth', 'users', 'posts'] as const
