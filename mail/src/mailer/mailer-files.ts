import { randomUUID } from 'node:crypto'
import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ifThere, makeFolder, moveDurably, writeAll } from '@ego/kit/process/durable-file'
import type { Log } from '@ego/kit/process/log'
import { type Mail, type Mailer, MailerError } from './mailer.ts'
import { composeMime, type Sender } from './mime.ts'

type Options = { folder: string; sender: Sender; log: Pick<Log, 'info'> }

// Only their owner reads them: they hold links that change passwords.
const fileMode = 0o600
const folderMode = 0o700

/** A mail is a file that mail programs open. Sending it again writes the same file again. */
export async function fileMailer({ folder, sender, log }: Options): Promise<Mailer> {
  await makeFolder(folder, folderMode)
  await removeDrafts(folder)

  async function write(mail: Mail): Promise<string> {
    const { bytes } = await composeMime(mail, sender)
    const path = join(folder, fileName(mail))
    const draft = `${path}.${randomUUID()}.tmp`
    {
      await using file = await open(draft, 'w', fileMode)
      await writeAll(file, bytes, 0)
      await file.sync()
    }
    await moveDurably(draft, path)
    return path
  }

  return {
    async send(mail, signal) {
      if (signal?.aborted) throw new MailerError('The mail was not sent: stopped.')
      const path = await write(mail).catch((error: unknown) => {
        throw error instanceof MailerError ? error : new MailerError(codeOf(error))
      })
      log.info({ file: path, template: mail.template }, 'A mail is in a file.')
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** Sorts by the time of asking; a colon cannot be in a file name everywhere. */
function fileName({ id, template, createdAt }: Mail): string {
  return `${createdAt.toISOString().replaceAll(':', '-')}-${template}-${id}.eml`
}

/** What a killed process had not finished is written anew. */
async function removeDrafts(folder: string): Promise<void> {
  const names = await readdir(folder)
  const drafts = names.filter((name) => /\.eml\..*\.tmp$/.test(name))
  await Promise.all(drafts.map((name) => ifThere(rm(join(folder, name)))))
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return `The file could not be written: ${code}.`
}
