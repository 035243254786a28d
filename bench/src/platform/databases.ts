import { findRunningPlatform, type RunningPlatform } from '@ego/kit/commands/running-platform'
import { connectPostgres, type Sql } from '@ego/kit/postgres/postgres'
import { StartError } from '@ego/kit/process/start-error'

export async function readRunning(folder: string, service: string): Promise<RunningPlatform> {
  const running = await findRunningPlatform(folder, service)
  if (!running) throw new StartError(`No platform is running on ${folder}.`)
  return running
}

/** As the role that owns the tables. */
export async function ownerUrl(folder: string, service: string): Promise<string> {
  const { databaseUrl, secret } = await readRunning(folder, service)
  const url = new URL(databaseUrl)
  url.username = `${service}_owner`
  url.password = await secret(url.username)
  return url.href
}

/** As the role that the service itself has, for reading and for seeding. */
export async function openDatabaseOf(folder: string, service: string): Promise<Sql> {
  const { databaseUrl } = await readRunning(folder, service)
  return connectPostgres({ url: databaseUrl, max: 2, applicationName: 'bench' })
}
