import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Allows one installation at a time. A lock whose process has ended is taken over. */
export async function takeLock(file) {
  const draft = `${file}.${process.pid}`
  let isTold = false
  while (!tryLock(file, draft)) {
    if (dropStale(file, draft)) continue
    if (!isTold) process.stderr.write('Waiting for another installation…\n')
    isTold = true
    await sleep(200)
  }
  process.once('exit', () => rmSync(file, { force: true }))
}

function tryLock(file, draft) {
  // A link appears together with its content, so another process never reads a lock without a pid.
  writeFileSync(draft, String(process.pid))
  const isOurs = succeeds(() => linkSync(draft, file), 'EEXIST')
  rmSync(draft)
  return isOurs
}

function dropStale(file, draft) {
  const holder = readHolder(file)
  if (holder !== null && isAlive(holder)) return false
  // Only one of several processes can rename the file. A lock that was created meanwhile is put back.
  const isTaken = succeeds(() => renameSync(file, draft), 'ENOENT')
  if (isTaken && readHolder(draft) !== holder) succeeds(() => linkSync(draft, file), 'EEXIST')
  rmSync(draft, { force: true })
  return true
}

function readHolder(file) {
  let holder = null
  succeeds(() => {
    holder = Number(readFileSync(file, 'utf8'))
  }, 'ENOENT')
  return holder
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // The process exists but belongs to another user.
    return error.code === 'EPERM'
  }
}

function succeeds(action, expectedCode) {
  try {
    action()
    return true
  } catch (error) {
    if (error.code === expectedCode) return false
    throw error
  }
}
