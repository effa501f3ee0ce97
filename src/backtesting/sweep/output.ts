import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ConfigError, PlatformError } from '../../core/errors.ts'
import { checkTarget } from '../../core/output-target.ts'
import { type Held, type Refused, takeLock } from '../../core/process-lock.ts'
import { findFaultInText } from '../../core/system-faults.ts'

/** Rows and manifest under their final names. */
export interface ResultFiles {
  readonly rowsFile: string
  readonly manifestFile: string
}

/**
 * The files of one sweep: `<name>.parquet` and `<name>.manifest.json` in the output folder, or `<name>.partial.…` when
 * it ended early. Everything is written in a temporary folder beside them first and renamed when complete, so a final
 * name never holds half a file.
 */
export interface SweepOutput {
  readonly whole: ResultFiles
  readonly partial: ResultFiles
  /** Paths inside the temporary folder. */
  readonly spoolPath: string
  readonly rowsPath: string
  /**
   * Gives the written rows and the manifest their final names, replacing those of an earlier run. A part never touches a
   * whole result; a whole result removes the part that an earlier run left.
   */
  publish(kind: 'whole' | 'partial', manifest: unknown): void
  /** Removes the temporary folder and lets other sweeps of this name begin. */
  discard(): void
}

/**
 * Creates the output folder and proves that it can be written to. One sweep of a name runs in a folder at a time: with two, the rows of
 * one could end up beside the manifest of the other. What killed ones left behind is removed.
 * @throws PlatformError `FOLDER_READ_ONLY`, `DISK_FULL`, `WRITE_FAILED`, `SWEEP_BUSY`
 */
export function openOutput(outputDir: string, name: string): SweepOutput {
  if (!/^[\w.-]+$/.test(name)) {
    throw new ConfigError(
      'SWEEP_NAME',
      `sweeps.${name}: a sweep's name becomes a file name and may hold letters, digits, '_', '-' and '.' only.`,
    )
  }
  const files = {
    whole: filesNamed(outputDir, name),
    partial: filesNamed(outputDir, `${name}.partial`),
  }
  for (const { rowsFile, manifestFile } of Object.values(files)) {
    for (const path of [rowsFile, manifestFile]) checkTarget(path)
  }
  const lock = lockName(outputDir, name)
  const temporary = createTemporary(outputDir, name, lock)
  const rowsPath = join(temporary, 'rows.parquet')
  return {
    ...files,
    rowsPath,
    spoolPath: join(temporary, 'rows.spool'),
    publish(kind, manifest) {
      const manifestPath = join(temporary, 'manifest.json')
      writeFileSync(manifestPath, `${JSON.stringify(manifest, null, 2)}\n`)
      for (const path of [rowsPath, manifestPath]) flush(path)
      const { rowsFile, manifestFile } = files[kind]
      // The old manifest goes first: at no moment does a manifest describe rows of another run.
      rmSync(manifestFile, { force: true })
      renameSync(rowsPath, rowsFile)
      renameSync(manifestPath, manifestFile)
      if (kind === 'whole') removeFiles(files.partial)
    },
    discard() {
      removeFolder(temporary)
      lock.release()
    },
  }
}

function filesNamed(outputDir: string, stem: string): ResultFiles {
  return {
    rowsFile: join(outputDir, `${stem}.parquet`),
    manifestFile: join(outputDir, `${stem}.manifest.json`),
  }
}

function removeFiles({ rowsFile, manifestFile }: ResultFiles): void {
  for (const path of [manifestFile, rowsFile]) rmSync(path, { force: true })
}

function lockName(outputDir: string, name: string): Held {
  const path = join(outputDir, `.${name}.lock`)
  let lock: Held | Refused
  try {
    mkdirSync(outputDir, { recursive: true })
    lock = takeLock(path)
  } catch (cause) {
    throw outputError(cause, outputDir)
  }
  if ('release' in lock) return lock
  const who = lock.holder === undefined ? 'another process' : `process ${lock.holder.pid}`
  throw new PlatformError(
    'SWEEP_BUSY',
    `sweeps.${name}: ${who} runs a sweep of this name in ${outputDir} at this moment. Wait for it to end, or choose another folder with --output. If it no longer runs, delete ${path}.`,
    { context: { sweep: name, outputDir, lock: path, ...lock.holder } },
  )
}

function createTemporary(outputDir: string, name: string, lock: Held): string {
  let temporary: string | undefined
  try {
    removeLeftovers(outputDir, name)
    temporary = mkdtempSync(join(outputDir, `.${name}-`))
    writeFileSync(join(temporary, PROBE), 'x')
    return temporary
  } catch (cause) {
    if (temporary !== undefined) removeFolder(temporary)
    lock.release()
    throw outputError(cause, outputDir)
  }
}

/** The first file in a temporary folder, by which it is known. */
const PROBE = 'probe'
/** What `mkdtemp` puts behind the name. */
const RANDOM = /^[A-Za-z0-9]{6}$/

/** Removes the temporary folders of killed sweeps of a name. Whoever has its lock is the only one that runs. */
function removeLeftovers(outputDir: string, name: string): void {
  const prefix = `.${name}-`
  for (const entry of readdirSync(outputDir, { withFileTypes: true })) {
    const isOurs = entry.name.startsWith(prefix) && RANDOM.test(entry.name.slice(prefix.length))
    if (!isOurs || !entry.isDirectory()) continue
    const folder = join(outputDir, entry.name)
    const names = readdirSync(folder)
    if (names.length === 0 || names.includes(PROBE)) removeFolder(folder)
  }
}

/** What cannot be removed is removed by the next sweep of this name; it must not hide what this one has to say. */
function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {}
}

function flush(path: string): void {
  const fd = openSync(path, 'r+')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Returns the bytes that this user may still write to the file system that holds a folder, without what is reserved for others. */
export function freeDiskBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir)
  return bavail * bsize
}

/** Turns a failure to write results into an error that says what to do; passes other platform errors through. */
export function outputError(cause: unknown, outputDir: string): PlatformError {
  const code = outputCode(cause)
  if (code === undefined) return cause as PlatformError
  const text = cause instanceof Error ? cause.message : String(cause)
  const fault = findFaultInText(cause)
  const reason = fault?.errno ?? text.split('\n', 1)[0]
  const advice = fault?.advice ?? 'Choose another folder with --output.'
  const messages = {
    DISK_FULL: `the disk is full (${reason}). No result was written. Free space, or choose another folder with --output.`,
    FOLDER_READ_ONLY: `writing is not permitted (${reason}). Make the folder writable, or choose another one with --output.`,
    WRITE_FAILED: `results cannot be written there: ${fault?.reason ?? reason}. ${advice}`,
  }
  return new PlatformError(code, `${outputDir}: ${messages[code]}`, {
    cause,
    context: { outputDir },
  })
}

type OutputCode = 'DISK_FULL' | 'FOLDER_READ_ONLY' | 'WRITE_FAILED'

/** Undefined: an error of the platform that is not about writing. */
function outputCode(cause: unknown): OutputCode | undefined {
  if (cause instanceof PlatformError) {
    const { code } = cause
    return code === 'DISK_FULL' || code === 'FOLDER_READ_ONLY' ? code : undefined
  }
  const kind = findFaultInText(cause)?.kind
  if (kind === 'full') return 'DISK_FULL'
  return kind === 'denied' || kind === 'read_only' ? 'FOLDER_READ_ONLY' : 'WRITE_FAILED'
}
