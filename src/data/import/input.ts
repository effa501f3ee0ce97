import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { emptyFile, unopenable, unreadable } from './import-error.ts'
import { unpackGzip, unpackZip, unpackZstd } from './unpack.ts'

/** A file to import, unpacked if need be. */
export interface InputFile {
  /** As the user gave it: for messages. */
  readonly name: string
  /** Where its content lies, not compressed. */
  readonly path: string
  readonly format: 'parquet' | 'json' | 'text'
}

/** What a file begins with says what it is, whatever it is called. */
const MAGICS = [
  ['parquet', 'PAR1'],
  ['gzip', '\x1f\x8b'],
  ['zstd', '\x28\xb5\x2f\xfd'],
  ['zip', 'PK\x03\x04'],
  ['zip', 'PK\x05\x06'],
  ['Arrow', 'ARROW1'],
  ['bzip2', 'BZh'],
  ['xz', '\xfd7zXZ'],
  ['lz4', '\x04\x22\x4d\x18'],
  ['UTF-16', '\xff\xfe'],
  ['UTF-16', '\xfe\xff'],
] as const

const UNPACKERS = { gzip: unpackGzip, zstd: unpackZstd, zip: unpackZip } as const

/** How much of a file tells what it is: spaces may stand before JSON. */
const HEAD_BYTES = 4096

/**
 * Looks at a file, and unpacks it to `folder` when it is compressed: only what is sound to its last byte is read on.
 * @param folder on a disk that holds the unpacked content
 * @throws DataError `IMPORT_FILE`, `IMPORT_EMPTY`, `IMPORT_UNREADABLE`
 */
export async function openInput(
  file: string,
  folder: string,
  signal?: AbortSignal,
): Promise<InputFile> {
  refuseOthers(file)
  const packed = magicOf(file, file)
  if (packed !== 'gzip' && packed !== 'zstd' && packed !== 'zip') return describe(file, file)
  const path = join(folder, 'unpacked')
  await UNPACKERS[packed](file, path, signal)
  return describe(file, path)
}

/** Opening a pipe would wait for its writer, and a device may have no end. */
function refuseOthers(file: string): void {
  let found: Stats
  try {
    found = statSync(file)
  } catch (error) {
    throw unopenable(file, error instanceof Error ? error.message : String(error), error)
  }
  if (found.isFile()) return
  const kinds = [
    [found.isDirectory(), 'it is a folder'],
    [found.isFIFO(), 'it is a pipe'],
    [found.isSocket(), 'it is a socket'],
  ] as const
  throw unopenable(file, kinds.find(([is]) => is)?.[1] ?? 'it is a device')
}

function describe(name: string, path: string): InputFile {
  const magic = magicOf(name, path)
  if (magic === 'parquet') return { name, path, format: 'parquet' }
  if (/\.parquet$/i.test(name)) {
    throw unreadable(name, 'it does not begin like a Parquet file')
  }
  if (magic === undefined) {
    const format = /^(?:\xef\xbb\xbf)?\s*[[{]/.test(headOf(name, path)) ? 'json' : 'text'
    return { name, path, format }
  }
  const isInside = path !== name
  const reason = `${isInside ? 'what is packed in it' : 'it'} is ${magic}, which is not known here`
  throw unreadable(name, reason, 'Convert it to CSV or Parquet, as plain text in UTF-8.')
}

function magicOf(name: string, path: string): (typeof MAGICS)[number][0] | undefined {
  const head = headOf(name, path)
  return MAGICS.find(([, bytes]) => head.startsWith(bytes))?.[0]
}

/** The first bytes, one character each. */
function headOf(name: string, path: string): string {
  const bytes = Buffer.alloc(HEAD_BYTES)
  let handle: number | undefined
  try {
    handle = openSync(path, 'r')
    const count = readSync(handle, bytes, 0, HEAD_BYTES, 0)
    if (count > 0) return bytes.toString('latin1', 0, count)
  } catch (error) {
    throw unopenable(name, error instanceof Error ? error.message : String(error), error)
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
  throw emptyFile(name)
}
