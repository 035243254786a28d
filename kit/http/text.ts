/** Postgres cannot store NUL, and half a surrogate pair would be read as another character. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

// All control characters of Unicode, including the C1 set, which terminals still interpret.
const control = /\p{Cc}/u
const controlButBreaksAndTabs = /[^\P{Cc}\n\r\t]/u

export function isOneLine(text: string): boolean {
  return isStorable(text) && !control.test(text)
}

export function isPlainText(text: string): boolean {
  return isStorable(text) && !controlButBreaksAndTabs.test(text)
}
