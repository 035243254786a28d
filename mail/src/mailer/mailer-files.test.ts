import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '@ego/kit/process/log'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aMail, contractSender, failure, mailerContract } from './mailer.contract.ts'
import { fileMailer } from './mailer-files.ts'

const silent = createLog('mail', 'silent')

mailerContract('fileMailer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ego-mail-'))
  const mailer = await fileMailer({ folder, sender: contractSender, log: silent })
  return {
    mailer,
    arrived: async () => {
      const names = await readdir(folder)
      return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
})

describe('the folder of mails', () => {
  let parent: string
  let folder: string
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'ego-mail-'))
    folder = join(parent, 'new', 'mail')
  })
  afterEach(() => rm(parent, { recursive: true }))

  const open = (log = silent) => fileMailer({ folder, sender: contractSender, log })

  it('is made, with names that sort by time and tell the template', async () => {
    const mailer = await open()
    const times = ['2026-11-21T03:20:00.123Z', '2026-11-21T03:20:00.124Z', '2027-01-01T00:00:00Z']
    const mails = times.map((at) => aMail({ createdAt: new Date(at) }))
    for (const mail of mails.toReversed()) await mailer.send(mail)
    expect((await readdir(folder)).toSorted()).toEqual([
      `2026-11-21T03-20-00.123Z-new_device-${mails[0]?.id}.eml`,
      `2026-11-21T03-20-00.124Z-new_device-${mails[1]?.id}.eml`,
      `2027-01-01T00-00-00.000Z-new_device-${mails[2]?.id}.eml`,
    ])
  })

  it('is readable by its owner alone, as are the mails', async () => {
    await (await open()).send(aMail())
    const [name = ''] = await readdir(folder)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  })

  it('has one file of a mail that was sent twice', async () => {
    const mailer = await open()
    const mail = aMail()
    await Promise.all([mailer.send(mail), mailer.send(mail), mailer.send(mail)])
    await mailer.send(mail)
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('is rid of what a killed process left half written', async () => {
    await open()
    await writeFile(join(folder, 'a.eml.1.tmp'), 'half')
    await writeFile(join(folder, 'notes.tmp'), 'not ours')
    await open()
    expect(await readdir(folder)).toEqual(['notes.tmp'])
  })

  it('is told in one line of the log, without any content', async () => {
    const lines: string[] = []
    const log = createLog('mail', 'trace', { write: (line) => void lines.push(line) })
    const mail = aMail()
    await (await open(log)).send(mail)
    const [name = ''] = await readdir(folder)
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      file: join(folder, name),
      template: 'new_device',
    })
    expect(lines[0]).not.toMatch(/ada|Hello/)
  })

  it('that is gone or full is a failure that may pass', async () => {
    const mailer = await open()
    await rm(folder, { recursive: true })
    await writeFile(folder, 'a file in its place')
    const error = await failure(mailer.send(aMail()))
    expect(error).toMatchObject({
      isPermanent: false,
      message: 'The file could not be written: ENOTDIR.',
    })
    await rm(folder)
    await open()
    await mailer.send(aMail())
    expect(await readdir(folder)).toHaveLength(1)
  })
})
