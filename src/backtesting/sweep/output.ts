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

const DISK_FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/**
 * The files of one sweep: `<name>.parquet` and `<name>.manifest.json` in the output folder. Everything is written in a
 * temporary folder beside them first and renamed when complete, so a final name never holds half a file.
 */
export interface SweepOutput {
  readonly rowsFile: string
  readonly manifestFile: string
  /** Paths inside the temporary folder. */
  readonly spoolPath: string
  readonly rowsPath: string
  /** Gives the written rows and the manifest their final names, replacing those of an earlier run. */
  publish(manifest: unknown): void
  /** Removes the temporary folder. */
  discard(): void
}

/**
 * Creates the output folder and proves that it can be written to.
 * @throws PlatformError `OUTPUT_NOT_WRITABLE`, `RESULTS_DISK_FULL`
 */
export function openOutput(outputDir: string, name: string): SweepOutput {
  if (!/^[\w.-]+$/.test(name)) {
    throw new ConfigError(
      'SWEEP_NAME',
      `sweeps.${name}: a sweep's name becomes a file name and may hold letters, digits, '_', '-' and '.' only.`,
    )
  }
  const temporary = createTemporary(outputDir, name)
  const rowsFile = join(outputDir, `${name}.parquet`)
  const manifestFile = join(outputDir, `${name}.manifest.json`)
  const rowsPath = join(temporary, 'rows.parquet')
  return {
    rowsFile,
    manifestFile,
    rowsPath,
    spoolPath: join(temporary, 'rows.spool'),
    publish(manifest) {
      const manifestPath = join(temporary, 'manifest.json')
      writeFileSync(manifestPath, `${JSON.stringify(manifest, null, 2)}\n`)
      for (const path of [rowsPath, manifestPath]) flush(path)
      // The old manifest goes first: at no moment does a manifest describe rows of another run.
      rmSync(manifestFile, { force: true })
      renameSync(rowsPath, rowsFile)
      renameSync(manifestPath, manifestFile)
    },
    discard() {
      rmSync(temporary, { recursive: true, force: true })
    },
  }
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

/** Turns a system error while writing results into one that says what to do; passes platform errors through. */
export function outputError(cause: unknown, outputDir: string): PlatformError {
  if (cause instanceof PlatformError) return cause
  const code = errnoOf(cause)
  const text = cause instanceof Error ? cause.message : String(cause)
  if (DISK_FULL.has(code) || /no space left|disk full/i.test(text)) {
    return new PlatformError(
      'RESULTS_DISK_FULL',
      `${outputDir}: the disk is full (${code || text}). No result was written. Free space, or choose another folder with --output.`,
      { cause, context: { outputDir } },
    )
  }
  return new PlatformError(
    'OUTPUT_NOT_WRITABLE',
    `${outputDir}: results cannot be written there (${code || text}). Make the folder writable, or choose another one with --output.`,
    { cause, context: { outputDir } },
  )
}

function errnoOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}
