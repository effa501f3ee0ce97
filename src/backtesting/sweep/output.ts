import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ConfigError, PlatformError } from '../../core/errors.ts'

const FULL = /DISK_FULL|ENOSPC|EDQUOT|EFBIG|no space left|disk is full/i
const DENIED = /FOLDER_READ_ONLY|EACCES|EPERM|EROFS|permission denied|read-only file system/i

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
  /** Removes the temporary folder. */
  discard(): void
}

/**
 * Creates the output folder and proves that it can be written to.
 * @throws PlatformError `FOLDER_READ_ONLY`, `DISK_FULL`, `WRITE_FAILED`
 */
export function openOutput(outputDir: string, name: string): SweepOutput {
  if (!/^[\w.-]+$/.test(name)) {
    throw new ConfigError(
      'SWEEP_NAME',
      `sweeps.${name}: a sweep's name becomes a file name and may hold letters, digits, '_', '-' and '.' only.`,
    )
  }
  const temporary = createTemporary(outputDir, name)
  const files = {
    whole: filesNamed(outputDir, name),
    partial: filesNamed(outputDir, `${name}.partial`),
  }
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
      rmSync(temporary, { recursive: true, force: true })
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

function createTemporary(outputDir: string, name: string): string {
  try {
    mkdirSync(outputDir, { recursive: true })
    const temporary = mkdtempSync(join(outputDir, `.${name}-`))
    writeFileSync(join(temporary, 'probe'), 'x')
    return temporary
  } catch (cause) {
    throw outputError(cause, outputDir)
  }
}

function flush(path: string): void {
  const fd = openSync(path, 'r+')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Returns the free bytes of the file system that holds a folder. */
export function freeDiskBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir)
  return bavail * bsize
}

/** Turns a failure to write results into an error that says what to do; passes other platform errors through. */
export function outputError(cause: unknown, outputDir: string): PlatformError {
  const code = outputCode(cause)
  if (code === undefined) return cause as PlatformError
  const text = cause instanceof Error ? cause.message : String(cause)
  const reason = errnoOf(cause) || text.split('\n', 1)[0]
  const messages = {
    DISK_FULL: `the disk is full (${reason}). No result was written. Free space, or choose another folder with --output.`,
    FOLDER_READ_ONLY: `writing is not permitted (${reason}). Make the folder writable, or choose another one with --output.`,
    WRITE_FAILED: `results cannot be written there (${reason}). Choose another folder with --output.`,
  }
  return new PlatformError(code, `${outputDir}: ${messages[code]}`, {
    cause,
    context: { outputDir },
  })
}

type OutputCode = 'DISK_FULL' | 'FOLDER_READ_ONLY' | 'WRITE_FAILED'

/** Undefined: an error of the platform that is not about writing. */
function outputCode(cause: unknown): OutputCode | undefined {
  const text = `${errnoOf(cause)} ${cause instanceof Error ? cause.message : String(cause)}`
  if (FULL.test(text)) return 'DISK_FULL'
  if (DENIED.test(text)) return 'FOLDER_READ_ONLY'
  return cause instanceof PlatformError ? undefined : 'WRITE_FAILED'
}

/** The code of an error: the system's, or the platform's. */
function errnoOf(cause: unknown): string {
  if (!(cause instanceof Error)) return ''
  return 'code' in cause ? String(cause.code) : ''
}
