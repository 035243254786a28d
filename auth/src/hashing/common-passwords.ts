export type CommonPasswords = { has(password: string): boolean }
