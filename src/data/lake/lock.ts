import { hostname } from 'node:os'
import { join } from 'node:path'
import { DataError, PlatformError } from '../../core/errors.ts'
import { isRunning, type ProcessIdentity } from '../../core/process-identity.ts'
import { takeLock } from '../../core/process-lock.ts'
import { isLeftover, removeNames, storageError } from '../files.ts'
import type { SeriesKey } from '../store.ts'
import { findCaseTwin, seriesFolder } from './lake.ts'

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
 * What killed writers left half-written in the series' folder is removed.
 * @throws DataError `NAME_TAKEN` when the lake holds the name in other letters
 * @throws PlatformError `SERIES_BUSY` when somebody else holds it, `DISK_FULL`, `FOLDER_READ_ONLY` or `WRITE_FAILED`
 */
export function takeSeriesLock(lake: string, key: SeriesKey): () => void {
  const path = lockPath(lake, key)
  const twin = guarded(lake, () => findCaseTwin(lake, key))
  if (twin !== undefined) throw nameTaken(key, twin)
  const lock = guarded(path, () => takeLock(path))
  if (!('release' in lock)) throw busy(path, key, lock.holder)
  try {
    guarded(path, () => removeNames(seriesFolder(lake, key), (name) => isLeftover(name, isRunning)))
    return lock.release
  } catch (error) {
    lock.release()
    throw error
  }
}

/** The lock lies beside the series' folder and not in it: a refused writer leaves no folder behind. */
export function lockPath(lake: string, { exchange, symbol, interval }: SeriesKey): string {
  const name = [exchange, symbol, interval].map(encodeURIComponent).join(',')
  return join(lake, `.import,${name}.lock`)
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw storageError(error, path)
  }
}

function nameTaken({ exchange, symbol }: SeriesKey, twin: string): DataError {
  return new DataError(
    'NAME_TAKEN',
    `${exchange} ${symbol}: the lake holds '${twin}', and not every disk tells capital letters from small ones. Use '${twin}'.`,
    { context: { exchange, symbol, twin } },
  )
}

function busy(path: string, key: SeriesKey, holder: ProcessIdentity | undefined): PlatformError {
  const { exchange, symbol, interval } = key
  const who = holder === undefined ? 'another process' : `process ${holder.pid}`
  const where = holder === undefined || holder.host === hostname() ? '' : ` on ${holder.host}`
  return new PlatformError(
    'SERIES_BUSY',
    `${exchange} ${symbol} ${interval}: ${who}${where} is writing into this series at this moment; nothing was stored. Wait for it to end and repeat the command. If it no longer runs, delete ${path}.`,
    { context: { exchange, symbol, interval, lock: path, ...holder } },
  )
}
