/** Postgres stores no NUL, and half a surrogate pair would come back as another character. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

// All of Unicode's control characters, including the C1 set that terminals still obey.
const control = /\p{Cc}/u
const controlButBreaksAndTabs = /[^\P{Cc}\n\r\t]/u

export function isOneLine(text: string): boolean {
  return isStorable(text) && !control.test(text)
}

export function isPlainText(text: string): boolean {
  return isStorable(text) && !controlButBreaksAndTabs.test(text)
}
