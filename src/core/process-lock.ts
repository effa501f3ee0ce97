import { Database } from 'bun:sqlite'
import {
  closeSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  isOwn,
  livenessOf,
  ownIdentity,
  type ProcessIdentity,
  startMsOf,
} from './process-identity.ts'

/** A lock that is held until `release` is called or the process ends. */
export interface Held {
  readonly release: () => void
}

/** Who holds a lock that was not given; undefined where its file does not say. */
export interface Refused {
  readonly holder: ProcessIdentity | undefined
}

/** The locks of this process, which its own identity does not tell apart from free ones. */
const held = new Set<string>()

/** A process that started this much later than a lock was written did not write it: times of files and of processes differ by less. */
const REUSED_MS = 5_000

/**
 * Takes a lock on what `path` stands for, among all processes that see its folder. Never waits.
 *
 * Two things make a lock. `path` says who holds it: number, host, boot, start and PID namespace of the process. And the holder keeps
 * `<path>.guard` locked, which the system frees when the process ends, however it does. A lock is taken over if nobody keeps the guard
 * and the file names nobody (empty, cut short, something else) or a process that has ended; where the number means nothing here, as
 * that of another container, the guard alone decides. Of another machine nothing is known, so that its lock stays.
 *
 * @throws the system's error when nothing can be written
 */
export function takeLock(path: string): Held | Refused {
  if (held.has(path)) return { holder: ownIdentity() }
  const guard = keepGuard(`${path}.guard`)
  if (guard === undefined) return { holder: readHolder(path) }
  let refused: Refused | undefined
  try {
    refused = claim(path, guard.isKept)
  } catch (error) {
    guard.close()
    throw error
  }
  if (refused !== undefined) {
    guard.close()
    return refused
  }
  held.add(path)
  if (guard.isKept) removeDrafts(path)
  return {
    release() {
      held.delete(path)
      removeQuietly(path)
      guard.close()
    },
  }
}

/** Puts our name into the lock, in place of one that is free. Returns who has it where that is not ours to do. */
function claim(path: string, isGuardKept: boolean): Refused | undefined {
  if (create(path)) return undefined
  const holder = readHolder(path)
  if (!isFree(path, holder, isGuardKept)) return { holder }
  rmSync(path, { force: true, recursive: true })
  return create(path) ? undefined : { holder: readHolder(path) }
}

function isFree(path: string, holder: ProcessIdentity | undefined, isGuardKept: boolean): boolean {
  if (holder === undefined) return isGuardKept || isOld(path)
  const liveness = livenessOf(holder)
  // One of ours that is not in `held` could not be removed when it was given back.
  if (liveness === 'ended' || isOwn(holder)) return true
  if (liveness === 'running') return isReused(path, holder)
  // The guard tells of every process of this machine, in whatever container.
  return isGuardKept && holder.boot !== undefined && holder.boot === ownIdentity().boot
}

/** Without a start in the lock, its time tells: the process of that number is younger. */
function isReused(path: string, { pid, start }: ProcessIdentity): boolean {
  if (start !== undefined) return false
  // One that names this process, whose locks are known.
  if (pid === process.pid) return true
  const startMs = startMsOf(pid)
  const writtenMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs
  return startMs !== undefined && writtenMs !== undefined && startMs > writtenMs + REUSED_MS
}

/** How long a process may take between making a lock and writing its name, where a file cannot be linked into its place. */
const WRITING_MS_MAX = 10_000

function isOld(path: string): boolean {
  const writtenMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const draft = draftOf(path)
  try {
    // By the clock of the file system, which may be another machine's.
    writeFileSync(draft, '')
    return statSync(draft).mtimeMs - writtenMs > WRITING_MS_MAX
  } finally {
    removeQuietly(draft)
  }
}

/** What file systems without hard links answer, such as exFAT and some network ones. */
const LINKLESS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/** Creates the lock, or returns false when there is one. It is written under another name first, so that nobody ever sees a part of it. */
function create(path: string): boolean {
  const text = `${JSON.stringify(ownIdentity())}\n`
  const draft = draftOf(path)
  try {
    writeFileSync(draft, text)
    linkSync(draft, path)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (!LINKLESS.has(code ?? '')) throw error
    return createWithoutLink(path, text)
  } finally {
    removeQuietly(draft)
  }
}

/** Several machines may share a folder, and processes of theirs a number. */
function draftOf(path: string): string {
  const { host, pid } = ownIdentity()
  return `${path}.${encodeURIComponent(host)}.${pid}`
}

/** Removes what processes left that were killed while they took the lock; only its holder may. */
function removeDrafts(path: string): void {
  const prefix = `${basename(path)}.`
  for (const name of readdirSync(dirname(path))) {
    const isDraft = name.startsWith(prefix) && /\.\d+$/.test(name)
    if (isDraft) removeQuietly(join(dirname(path), name))
  }
}

/** What cannot be removed must not hide why it could not be written. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {}
}

function createWithoutLink(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    removeQuietly(path)
    throw error
  }
}

/** A lock that names nobody, or is gone since we ran into it, has no holder. */
function readHolder(path: string): ProcessIdentity | undefined {
  try {
    const file = statSync(path)
    if (!file.isFile() || file.size > HOLDER_BYTES_MAX) return undefined
    const { pid, host, boot, start, namespace } = JSON.parse(readFileSync(path, 'utf8')) ?? {}
    if (!Number.isSafeInteger(pid) || pid <= 0 || typeof host !== 'string') return undefined
    return { pid, host, boot: textOf(boot), start: textOf(start), namespace: textOf(namespace) }
  } catch {
    return undefined
  }
}

const HOLDER_BYTES_MAX = 4_096

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

interface Guard {
  /** False where the file system knows no locks: then the file alone tells. */
  readonly isKept: boolean
  /** Gives it back. */
  close(): void
  /** Leaves the file, which has become another one. */
  abandon(): void
}

/** How often a guard is opened that its last holder removes meanwhile. */
const OPENINGS_MAX = 20

/**
 * Locks an empty SQLite file, whose lock the system frees with its process. Returns undefined when another process has it. Its holder
 * removes it, so that it has to be the same file after it was locked as before it was opened.
 */
function keepGuard(path: string): Guard | undefined {
  for (let left = OPENINGS_MAX; left > 0; left--) {
    // Made first: of a file that SQLite makes nobody knows which one it was.
    closeSync(openSync(path, 'a'))
    const before = fileAt(path)
    if (before === undefined) continue
    const guard = lockGuard(path)
    if (guard === undefined || !guard.isKept || fileAt(path) === before) return guard
    guard.abandon()
  }
  return undefined
}

function fileAt(path: string): string | undefined {
  const file = statSync(path, { bigint: true, throwIfNoEntry: false })
  return file === undefined ? undefined : `${file.dev} ${file.ino}`
}

function lockGuard(path: string): Guard | undefined {
  const db = new Database(path, { create: true })
  try {
    db.run('PRAGMA busy_timeout = 0')
    // It is never written into: nothing is to be rolled back.
    db.run('PRAGMA journal_mode = MEMORY')
    db.run('BEGIN EXCLUSIVE')
    const abandon = () => db.close()
    const close = () => {
      removeQuietly(path)
      abandon()
    }
    return { isKept: true, close, abandon }
  } catch (error) {
    db.close()
    const code = String((error as { readonly code?: unknown }).code)
    if (code.startsWith('SQLITE_BUSY')) return undefined
    if (LOCKLESS.test(code)) return { isKept: false, close: () => {}, abandon: () => {} }
    throw error
  }
}

/** What a file system without locks answers; and a guard that somebody wrote something else into. */
const LOCKLESS = /^SQLITE_(?:IOERR_LOCK|IOERR_RDLOCK|PROTOCOL|NOLFS|NOTADB|CORRUPT)/
