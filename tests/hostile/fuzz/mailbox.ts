import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export type Mailbox = {
  /** Waits for a mail with this template, and resolves with its token. */
  readToken(template: string, address: string): Promise<string>
}

const arrivalMsMax = 20_000
const pollMs = 50

/** Reads the mail files of the platform, each file once. */
export function readMailbox(folder: string): Mailbox {
  const seen = new Set<string>()
  const tokens = new Map<string, string>()

  async function look(template: string): Promise<void> {
    const names = (await readdir(folder)).filter(
      (name) => name.endsWith('.eml') && name.includes(`-${template}-`) && !seen.has(name),
    )
    for (const name of names) {
      const text = (await readFile(join(folder, name), 'latin1')).replaceAll('=\r\n', '')
      const address = /^To: (.+)$/m.exec(text)?.[1]?.trim()
      const token =
        /#token=3D([\w-]{20,40})/.exec(text)?.[1] ?? /#token=([\w-]{20,40})/.exec(text)?.[1]
      seen.add(name)
      if (address && token) tokens.set(`${template} ${address}`, token)
    }
  }

  return {
    async readToken(template, address) {
      const deadline = Date.now() + arrivalMsMax
      while (Date.now() < deadline) {
        const token = tokens.get(`${template} ${address}`)
        if (token !== undefined) return token
        await look(template)
        await new Promise((resolve) => setTimeout(resolve, pollMs))
      }
      throw new Error(`No mail ${template} has arrived for ${address}.`)
    },
  }
}
