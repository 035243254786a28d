import type { CommonPasswords } from './common-passwords.ts'

const charactersMin = 8

/** The list that zxcvbn ships, about 18,000 of them long enough to be allowed at all; loaded once, used offline. */
export async function zxcvbnPasswords(): Promise<CommonPasswords> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  const list = dictionary['passwords-common'] as readonly string[]
  const common = new Set(list.filter((password) => password.length >= charactersMin))
  return { has: (password) => common.has(password.toLowerCase()) }
}
