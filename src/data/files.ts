import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DataAccessError, PlatformError } from '../core/errors.ts'
import { excerpt, showControls } from '../core/foreign-text.ts'
import { findFaultInText, findSystemFault } from '../core/system-faults.ts'

let temporaries = 0

/**
 * Writes a file so that readers see the old one or the new one whole, never a part: `write` fills a hidden neighbour,
 * which is flushed to disk and renamed over `path`. Whatever fails, the neighbour is removed and `path` stays as it was. Returns what
 * `write` returns.
 * @param options.isDurable false: a power cut may bring the old file back, or leave a damaged one
 * @throws PlatformError `DISK_FULL`, `FOLDER_READ_ONLY` or `WRITE_FAILED`
 */
export async function writeAtomically<T>(
  path: string,
  write: (temporary: string) => T | Promise<T>,
  { isDurable = true }: { readonly isDurable?: boolean } = {},
): Promise<T> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${temporaries++}.tmp`)
  try {
    makeFolder(dirname(path))
    const result = await write(temporary)
    if (isDurable) flush(temporary)
    renameSync(temporary, path)
    if (isDurable) flush(dirname(path))
    return result
  } catch (error) {
    remove(temporary)
    throw storageError(error, path)
  }
}

/** Flushes a file to disk beside other work, so that `writeAtomically` finds it done. */
export async function flushBeside(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Removes a file or folder if there is one. Asking first: below a plain file, removing fails even when forced. */
export function remove(path: string): void {
  if (existsSync(path)) rmSync(path, { recursive: true, force: true })
}

/** Whether a name is that of a hidden neighbour whose process ended before it was renamed or removed. */
export function isLeftover(name: string, isRunning: (pid: number) => boolean): boolean {
  const pid = /^\..+\.(\d+)-\d+\.tmp$/.exec(name)?.[1]
  return pid !== undefined && !isRunning(Number(pid))
}

/** Removes what a folder holds under names that are `wanted`, if there is such a folder and it can be written. */
export function removeNames(folder: string, wanted: (name: string) => boolean): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder).filter(wanted)) remove(join(folder, name))
}

/** @throws PlatformError `DISK_FULL`, `FOLDER_READ_ONLY` or `WRITE_FAILED` */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw storageError(error, path)
  }
}

/** Whether a failure comes from the disk and not from the program: the system refused to read or write. */
export function isStorageFailure(error: unknown): boolean {
  const text = error instanceof Error ? error.message : String(error)
  return findFaultInText(error) !== undefined || /IO Error/.test(text)
}

/** Turns a failure of a write below `path` into an error that says what happened and what to do. */
export function storageError(error: unknown, path: string): PlatformError {
  if (error instanceof PlatformError) return error
  const fault = findFaultInText(error)
  const options = { context: { path, reason: fault?.errno }, cause: error }
  if (fault?.kind === 'full') {
    return new PlatformError(
      'DISK_FULL',
      `${path}: the disk is full. What was there before is intact and no partial file is left. Free some space or choose another folder, then repeat the command.`,
      options,
    )
  }
  if (fault?.kind === 'denied' || fault?.kind === 'read_only') {
    return new PlatformError(
      'FOLDER_READ_ONLY',
      `${path}: writing is not permitted (${fault.reason}). Nothing was changed. Make the folder writable or choose another one.`,
      options,
    )
  }
  const text = error instanceof Error ? error.message : String(error)
  const reason = fault === undefined ? firstLine(text) : fault.reason
  return new PlatformError(
    'WRITE_FAILED',
    `${path}: could not be written: ${reason}. ${fault?.advice ?? 'Choose another place.'}`,
    options,
  )
}

/** What keeps something from being read and what to do, where that is the system; undefined when the content is the matter. */
export function accessText(error: unknown): string | undefined {
  const fault = findSystemFault(error)
  return fault === undefined || fault.kind === 'missing'
    ? undefined
    : `${fault.reason}. ${fault.advice}`
}

/** What DuckDB failed of at a path, as the system would say it: into a folder it looks for files, and finds none. */
export function readFailure(error: unknown, path: string): unknown {
  const isFolder = ifThere(path, () => statSync(path).isDirectory()) === true
  return isFolder ? { code: 'EISDIR' } : error
}

/** Reads of what may be gone: undefined when it is. @throws DataAccessError when the system refuses to say */
export function ifThere<T>(path: string, read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    const kind = findSystemFault(error)?.kind
    if (kind === 'missing' || kind === 'not_folder') return undefined
    throw unreadableError(error, path) ?? error
  }
}

/**
 * Returns the error of a read that the system refused: the data may be sound, so that nobody is told to delete or fetch them again.
 * undefined when the error says something else, such as that the content is damaged.
 */
export function unreadableError(error: unknown, path: string): DataAccessError | undefined {
  const text = accessText(error)
  if (text === undefined) return undefined
  return new DataAccessError(
    'DATA_INACCESSIBLE',
    `${path}: cannot be read: ${text} What is stored there may be sound: nothing was changed.`,
    { context: { path, reason: findSystemFault(error)?.errno }, cause: error },
  )
}

/** The engine quotes lines of files, which may be one word of megabytes. */
const LINE_MAX = 500

/** Returns the first line of a message without the `IO Error:` prefix of DuckDB. */
export function firstLine(text: string): string {
  const line = showControls(text.split('\n', 1)[0] as string)
    .replace(/^error: /, '')
    .replace(/^[A-Z][\w ]* Error: /, '')
  return excerpt(line, LINE_MAX)
}

/** Flushes a file or a folder to disk. */
function flush(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
