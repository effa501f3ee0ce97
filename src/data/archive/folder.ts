import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from '../../core/errors.ts'
import { accessText } from '../files.ts'
import type { ReadArchiveFile } from './archive.ts'
import { ArchiveProblem } from './problem.ts'

/**
 * Returns a reader of the files below a folder. The folder may be the one that holds `data`, as the archive's own tool lays it, or
 * `data` itself.
 * @throws ConfigError `ARCHIVE_FOLDER` when there is no archive in it
 */
export async function archiveInFolder(folder: string): Promise<ReadArchiveFile> {
  for (const root of [join(folder, 'data'), folder]) {
    if (await isFolder(join(root, 'spot'))) return (path) => readIfThere(join(root, path))
  }
  throw new ConfigError(
    'ARCHIVE_FOLDER',
    `--from-archive: ${folder} holds no archive. Expected in it: data/spot/monthly/klines/SYMBOL/INTERVAL/SYMBOL-INTERVAL-YYYY-MM.zip, or the same without data.`,
    { context: { folder } },
  )
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    const refused = accessText(error)
    if (refused === undefined || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return false
    const message = `--from-archive: ${path} cannot be read: ${refused}`
    throw new ConfigError('ARCHIVE_FOLDER', message, { context: { folder: path }, cause: error })
  }
}

/** The largest known file, a month of seconds, has 70 MB; it is read into memory. */
const PACKED_BYTES_MAX = 512 * 1_048_576

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    // A pipe would be waited for, and a device may have no end.
    const found = await stat(path)
    if (!found.isFile()) throw new ArchiveProblem('unreadable', 'it is no plain file')
    if (found.size > PACKED_BYTES_MAX) {
      throw new ArchiveProblem('unreadable', `it has ${found.size} bytes, more than a month has`)
    }
    return await readFile(path)
  } catch (error) {
    if (error instanceof ArchiveProblem) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new ArchiveProblem('unreadable', `it cannot be read (${code})`, { cause: error })
  }
}
