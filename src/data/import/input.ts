import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { emptyFile, unopenable, unreadable } from './import-error.ts'
import { unpackGzip, unpackZip, unpackZstd } from './unpack.ts'
import { decodeUtf16 } from './utf16.ts'

/** A file to import, unpacked if need be. */
export interface InputFile {
  /** As the user gave it: for messages. */
  readonly name: string
  /** Where its content lies, not compressed, texts in UTF-8. */
  readonly path: string
  readonly format: 'parquet' | 'arrow' | 'json' | 'text'
  /** For what is made of it while it is read; its own, on a disk that holds all of it once more. */
  readonly folder: string
}

/** What a file begins with says what it is, whatever it is called. */
const MAGICS = [
  ['parquet', 'PAR1'],
  ['gzip', '\x1f\x8b'],
  ['zstd', '\x28\xb5\x2f\xfd'],
  ['zip', 'PK\x03\x04'],
  ['zip', 'PK\x05\x06'],
  ['arrow', 'ARROW1'],
  ['an Arrow stream', '\xff\xff\xff\xff'],
  ['Feather 1', 'FEA1'],
  ['HDF5', '\x89HDF'],
  ['a workbook', '\xd0\xcf\x11\xe0'],
  ['bzip2', 'BZh'],
  ['xz', '\xfd7zXZ'],
  ['lz4', '\x04\x22\x4d\x18'],
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
  if (packed !== 'gzip' && packed !== 'zstd' && packed !== 'zip') {
    return await describe(file, file, folder)
  }
  const path = join(folder, 'unpacked')
  await UNPACKERS[packed](file, path, signal)
  return await describe(file, path, folder)
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

async function describe(name: string, path: string, folder: string): Promise<InputFile> {
  const magic = magicOf(name, path)
  if (magic === 'parquet' || magic === 'arrow') return { name, path, format: magic, folder }
  if (/\.parquet$/i.test(name)) {
    throw unreadable(name, 'it does not begin like a Parquet file')
  }
  if (magic === undefined) {
    const head = headOf(name, path)
    const encoding = utf16Of(head)
    if (encoding === undefined) return { name, path, format: formatOf(head), folder }
    const decoded = join(folder, 'decoded')
    await decodeUtf16(name, path, decoded, encoding)
    return { name, path: decoded, format: formatOf(headOf(name, decoded)), folder }
  }
  const isInside = path !== name
  const reason = `${isInside ? 'what is packed in it' : 'it'} is ${magic}, which is not known here`
  throw unreadable(name, reason, 'Convert it to CSV, Parquet or an Arrow file.')
}

function formatOf(head: string): 'json' | 'text' {
  return /^(?:\xef\xbb\xbf)?\s*[[{]/.test(head) ? 'json' : 'text'
}

/** A byte order mark says so, or every second byte of a text being 0. */
function utf16Of(head: string): 'utf-16le' | 'utf-16be' | undefined {
  if (/^(?:\xff\xfe|(?:[\t -~]\0){4})/.test(head)) return 'utf-16le'
  return /^(?:\xfe\xff|(?:\0[\t -~]){4})/.test(head) ? 'utf-16be' : undefined
}

/** The first bytes of a text in UTF-8: no line of a header is longer. */
export const TEXT_HEAD_BYTES = 65_536

export function headText(path: string): string {
  const bytes = Buffer.alloc(TEXT_HEAD_BYTES)
  const handle = openSync(path, 'r')
  try {
    return bytes.toString('utf8', 0, readSync(handle, bytes, 0, TEXT_HEAD_BYTES, 0))
  } finally {
    closeSync(handle)
  }
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
