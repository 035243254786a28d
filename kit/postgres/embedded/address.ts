import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../process/free-port.ts'
import { chownAs, type RunAs } from './run-as.ts'

/** Where Postgres listens: a unix socket in its folder, or a port of this machine only. */
export type Address = { socketFolder: string | null; port: number }

// The kernel's limit is 104 or 108 bytes, depending on the system.
const socketPathBytesMax = 100
const socketPort = 5432

export async function chooseAddress(folder: string, runAs: RunAs): Promise<Address> {
  const socketFolder = join(folder, 'socket')
  const path = join(socketFolder, `.s.PGSQL.${socketPort}.lock`)
  const fits = Buffer.byteLength(path) <= socketPathBytesMax
  if (process.platform === 'win32' || !fits) return { socketFolder: null, port: await freePort() }
  mkdirSync(socketFolder, { recursive: true, mode: 0o700 })
  chownAs(socketFolder, runAs)
  return { socketFolder, port: socketPort }
}

export function listenOptions({ socketFolder, port }: Address): string[] {
  // Without quotes, commas and spaces would separate folders.
  const folders = socketFolder ? `"${socketFolder.replaceAll('"', '""')}"` : ''
  const listen = socketFolder ? '' : '127.0.0.1'
  return ['-p', `${port}`, '-c', `unix_socket_directories=${folders}`, '-h', listen]
}

export function urlAt(
  { socketFolder, port }: Address,
  database: string,
  { user, password }: { user: string; password: string },
): string {
  const url = new URL(`postgres://127.0.0.1:${port}/${encodeURIComponent(database)}`)
  url.username = user
  url.password = password
  // URLSearchParams would write a space as '+', which libpq does not decode.
  if (socketFolder) url.search = `?host=${encodeURIComponent(socketFolder)}`
  return url.href
}
