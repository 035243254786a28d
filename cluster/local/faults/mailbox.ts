import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Platform } from '../platform.ts'

const stored = z.array(z.looseObject({ mimeMessage: z.string() }))

/** Returns a function that lists the ids of the welcome mails to an address, from the mail server or from files. */
export async function openMailbox({ folder, mailApi }: Platform) {
  const files = mailApi ? [] : await readFiles(join(folder, 'mail'))
  return async (address: string): Promise<Set<string>> => {
    const mails = mailApi ? await readStored(mailApi, address) : files
    const welcomes = mails.filter((mail) => /^Subject: Welcome/m.test(mail) && isTo(address, mail))
    return new Set(welcomes.map((mail) => /^Message-ID: (\S+)/im.exec(mail)?.[1] ?? ''))
  }
}

function isTo(address: string, mail: string): boolean {
  return /^To: (\S+)/im.exec(mail)?.[1] === address
}

async function readFiles(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.eml'))
  return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
}

async function readStored(api: string, address: string): Promise<string[]> {
  const answer = await fetch(`${api}/user/${address}/messages`)
  // The mailbox does not exist before its first mail.
  if (answer.status === 400) return []
  return stored.parse(await answer.json()).map(({ mimeMessage }) => mimeMessage)
}
