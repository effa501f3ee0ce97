import { Database } from 'bun:sqlite'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { PlatformError } from '../../core/errors.ts'
import { isLeftover, removeNames, storageError } from '../files.ts'
import type { SeriesKey } from '../store.ts'
import { seriesFolder } from './lake.ts'

/** Who holds a lock; without a process where the file does not say. */
interface Holder {
  readonly pid?: number
  readonly host?: string
}

/** The SQLite file, always empty, whose lock is held while a lock is taken over. */
const TAKEOVERS = '.takeovers.sqlite'
const TAKEOVER_MS_MAX = 5_000

/** The locks of this process: a file that bears its number but is none of these is left from an earlier process. */
const held = new Set<string>()

/** Runs `work` while no other process, nor another call in this one, writes into the same series of a lake. */
export async function withSeriesLock<T>(
  lake: string,
  key: SeriesKey,
  work: () => Promise<T>,
): Promise<T> {
  const release = takeSeriesLock(lake, key)
  try {
    return await work()
  } finally {
    release()
  }
}

/**
 * Keeps every other process, and other calls in this one, from writing into a series until the returned function is called.
 * The lock is a file that names its process; one whose process is gone is taken over. What killed writers left half-written in the
 * series' folder is removed.
 * @throws PlatformError `SERIES_BUSY` when somebody else holds it
 */
export function takeSeriesLock(lake: string, key: SeriesKey): () => void {
  const path = lockPath(lake, key)
  take(path, key)
  held.add(path)
  removeNames(seriesFolder(lake, key), (name) => isLeftover(name, isRunning))
  removeDrafts(path)
  return () => {
    held.delete(path)
    rmSync(path, { force: true })
  }
}

/** The lock lies beside the series' folder and not in it: a refused writer leaves no folder behind. */
export function lockPath(lake: string, { exchange, symbol, interval }: SeriesKey): string {
  const name = [exchange, symbol, interval].map(encodeURIComponent).join(',')
  return join(lake, `.import,${name}.lock`)
}

function take(path: string, key: SeriesKey): void {
  if (create(path) || takeOver(path)) return
  const holder = readHolder(path)
  const { exchange, symbol, interval } = key
  const who = holder.pid === undefined ? 'another process' : `process ${holder.pid}`
  const where = holder.host === undefined || holder.host === hostname() ? '' : ` on ${holder.host}`
  throw new PlatformError(
    'SERIES_BUSY',
    `${exchange} ${symbol} ${interval}: ${who}${where} is writing into this series at this moment; nothing was stored. Wait for it to end and repeat the command. If it no longer runs, delete ${path}.`,
    { context: { exchange, symbol, interval, lock: path, ...holder } },
  )
}

/**
 * Creates the lock, or returns false when there is one. It is written under another name first, so that no kill at any point leaves
 * a lock that names nobody and could not be taken over.
 */
function create(path: string): boolean {
  const holder: Holder = { pid: process.pid, host: hostname() }
  const text = `${JSON.stringify(holder)}\n`
  const written = `${draftPrefix(path)}${process.pid}`
  try {
    writeFileSync(written, text)
    linkSync(written, path)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (!LINKLESS.has(code ?? '')) throw storageError(error, path)
    return createWithoutLink(path, text)
  } finally {
    removeQuietly(written)
  }
}

/** What cannot be removed must not hide why it could not be written. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {}
}

/** Several machines may share a folder, and processes of theirs a number. */
function draftPrefix(path: string): string {
  return `${path}.${encodeURIComponent(hostname())}.`
}

/** Removes what processes of this machine left that were killed while they took the lock. */
function removeDrafts(path: string): void {
  const prefix = basename(draftPrefix(path))
  removeNames(dirname(path), (name) => {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : Number.NaN
    return Number.isInteger(pid) && !isRunning(pid)
  })
}

/** What file systems without hard links answer, such as exFAT and some network ones. */
const LINKLESS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

function createWithoutLink(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    rmSync(path, { force: true })
    throw storageError(error, path)
  }
}

/** A lock that names nobody, or is gone since we ran into it, counts as held. */
function readHolder(path: string): Holder {
  try {
    const { pid, host } = JSON.parse(readFileSync(path, 'utf8')) as Holder
    return Number.isInteger(pid) && typeof host === 'string' ? { pid: pid as number, host } : {}
  } catch {
    return {}
  }
}

/** Whether the holder has surely ended. Of another machine's processes nothing is known. */
function isGone({ pid, host }: Holder, path: string): boolean {
  if (pid === undefined || host !== hostname()) return false
  return pid === process.pid ? !held.has(path) : !isRunning(pid)
}

/** Takes over a lock whose holder is gone. Returns false when somebody holds it, or takes it over at this moment. */
function takeOver(path: string): boolean {
  if (!isGone(readHolder(path), path)) return false
  return alone(path, () => {
    // Another process may have taken it over since.
    if (!isGone(readHolder(path), path)) return false
    rmSync(path, { force: true })
    return create(path)
  })
}

/** Runs `work` while no other process does the same in this lake: the system ends the lock of a SQLite file with its process. */
function alone(path: string, work: () => boolean): boolean {
  try {
    using guard = new Database(join(dirname(path), TAKEOVERS), { create: true })
    guard.run(`PRAGMA busy_timeout = ${TAKEOVER_MS_MAX}`)
    guard.run('BEGIN EXCLUSIVE')
    return work()
  } catch (error) {
    if (String((error as { readonly code?: unknown }).code).startsWith('SQLITE_BUSY')) return false
    throw storageError(error, path)
  }
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !isZombie(pid)
  } catch (error) {
    // EPERM: it runs, but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether a process has ended and only waits for its parent to notice, which one in a container without an init never does. */
function isZombie(pid: number): boolean {
  try {
    // The name of the program stands before the state, in brackets, and may hold any character.
    return /\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
