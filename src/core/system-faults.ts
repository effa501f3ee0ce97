/** What the system refuses a program for. None of them is a mistake of the program. */
export type SystemFaultKind =
  | 'full'
  | 'denied'
  | 'read_only'
  | 'missing'
  | 'is_folder'
  | 'not_folder'
  | 'name_too_long'
  | 'too_many_files'
  | 'no_memory'
  | 'device'
  | 'busy'
  | 'unopenable'
  | 'link_loop'
  | 'network'

export interface SystemFault {
  readonly kind: SystemFaultKind
  /** What the system called it, such as `EACCES`. */
  readonly errno: string
  /** The file or folder that it was about, where the system says so. */
  readonly path: string | undefined
  /** What is the matter, as the end of a sentence. */
  readonly reason: string
  /** What to do about it, as a sentence. */
  readonly advice: string
}

const MEANINGS: Readonly<Record<SystemFaultKind, readonly [reason: string, advice: string]>> = {
  full: ['the disk or a quota is full', 'Free some space or choose another folder.'],
  denied: ['permission is denied', 'Give this user the right to it (chmod, chown).'],
  read_only: ['the file system is read-only', 'Make it writable or choose another folder.'],
  missing: ['it is not there', 'Correct the path, or repeat the command if it was just replaced.'],
  is_folder: ['it is a folder, where a file should be', 'Give another name, or move the folder.'],
  not_folder: ['a file is where a folder should be', 'Give another path, or move the file.'],
  name_too_long: ['the name is too long for the file system', 'Choose a shorter one.'],
  too_many_files: [
    'too many files are open',
    'Raise the limit (ulimit -n), or end programs that hold files open.',
  ],
  no_memory: ['the system has no memory left', 'End other programs, or ask for less at once.'],
  device: [
    'the disk or network mount fails to read or write',
    'Check the disk, or mount the share again.',
  ],
  busy: ['something else holds it', 'End the program that has it open, then repeat the command.'],
  unopenable: [
    'it cannot be opened',
    'Check that it is a plain file and that this user may read and write it and its folder.',
  ],
  link_loop: ['links lead in a circle', 'Correct the link.'],
  network: ['the network or the other side gave up', 'Repeat the command when it is back.'],
}

const KINDS: Readonly<Record<string, SystemFaultKind>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  SQLITE_FULL: 'full',
  EACCES: 'denied',
  EPERM: 'denied',
  SQLITE_PERM: 'denied',
  SQLITE_AUTH: 'denied',
  EROFS: 'read_only',
  SQLITE_READONLY: 'read_only',
  ENOENT: 'missing',
  EISDIR: 'is_folder',
  ENOTDIR: 'not_folder',
  // What making a folder answers where a file has its name.
  EEXIST: 'not_folder',
  ENOTEMPTY: 'is_folder',
  ENAMETOOLONG: 'name_too_long',
  ELOOP: 'link_loop',
  EMFILE: 'too_many_files',
  ENFILE: 'too_many_files',
  ENOMEM: 'no_memory',
  SQLITE_NOMEM: 'no_memory',
  EIO: 'device',
  ESTALE: 'device',
  ENODEV: 'device',
  ENXIO: 'device',
  EHOSTDOWN: 'device',
  EREMOTEIO: 'device',
  ENOTCONN: 'device',
  ESHUTDOWN: 'device',
  SQLITE_IOERR: 'device',
  SQLITE_CANTOPEN: 'unopenable',
  ECONNREFUSED: 'network',
  ECONNRESET: 'network',
  ECONNABORTED: 'network',
  EPIPE: 'network',
  ENOTFOUND: 'network',
  EAI_AGAIN: 'network',
  EHOSTUNREACH: 'network',
  ENETUNREACH: 'network',
  ENETDOWN: 'network',
  EADDRINUSE: 'network',
  EADDRNOTAVAIL: 'network',
  ETIMEDOUT: 'network',
  EBUSY: 'busy',
  ETXTBSY: 'busy',
  SQLITE_BUSY: 'busy',
  SQLITE_LOCKED: 'busy',
}

/** What DuckDB passes on are the system's own texts. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/no space left on device|disk is full/i, 'ENOSPC'],
  [/quota exceeded/i, 'EDQUOT'],
  [/file too large/i, 'EFBIG'],
  [/permission denied/i, 'EACCES'],
  [/operation not permitted|writing is not permitted/i, 'EPERM'],
  [/read-only file system|readonly database/i, 'EROFS'],
  [/too many open files/i, 'EMFILE'],
  [/file name too long/i, 'ENAMETOOLONG'],
  [/is a directory/i, 'EISDIR'],
  [/not a directory/i, 'ENOTDIR'],
  [/input\/output error|stale (?:nfs )?file handle/i, 'EIO'],
  [/transport endpoint is not connected/i, 'ENOTCONN'],
  [/no such file or directory/i, 'ENOENT'],
]

/** How DuckDB begins what it says of files. */
const DUCKDB_FILE = /^(?:IO|Permission|HTTP) (?:Error|Exception):/

interface RawError {
  readonly code?: unknown
  readonly path?: unknown
  readonly message?: unknown
}

/**
 * Finds what the system refused in an error of the runtime, SQLite or DuckDB; undefined for any other error, which may be a mistake of
 * the program.
 */
export function findSystemFault(error: unknown): SystemFault | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { code, message, path } = error as RawError
  const text = String(message ?? '')
  const errno = errnoOf(typeof code === 'string' ? code : '', text)
  return describe(errno, typeof path === 'string' ? path : pathIn(text))
}

/** As `findSystemFault`, also for an error that only speaks of what the system said, such as one that was worded anew. */
export function findFaultInText(error: unknown): SystemFault | undefined {
  const text = error instanceof Error ? error.message : String(error)
  return findSystemFault(error) ?? describe(errnoIn(text), pathIn(text))
}

function describe(errno: string | undefined, path: string | undefined): SystemFault | undefined {
  const kind = errno === undefined ? undefined : KINDS[errno]
  if (errno === undefined || kind === undefined) return undefined
  const [reason, advice] = MEANINGS[kind]
  return { kind, errno, path, reason: `${reason} (${errno})`, advice }
}

/** SQLite's extended codes begin with the plain one: `SQLITE_IOERR_WRITE`. */
function errnoOf(code: string, message: string): string | undefined {
  if (KINDS[code] !== undefined) return code
  const sqlite = /^SQLITE_[A-Z]+/.exec(code)?.[0]
  if (sqlite !== undefined && KINDS[sqlite] !== undefined) return sqlite
  return DUCKDB_FILE.test(message) ? errnoIn(message) : undefined
}

/** Returns the errno that a text of the system or of DuckDB speaks of. */
function errnoIn(text: string): string | undefined {
  const named = /\b(E[A-Z]{3,}|SQLITE_[A-Z]+)\b/.exec(text)?.[1]
  if (named !== undefined && KINDS[named] !== undefined) return named
  return TEXTS.find(([pattern]) => pattern.test(text))?.[1]
}

function pathIn(message: string): string | undefined {
  return /(?:file|directory) "([^"]+)"/.exec(message)?.[1]
}
