import { createReadStream, createWriteStream, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import type { Entry } from '@zip.js/zip.js'
import { unreadable } from './import-error.ts'
import { walkZstdFrames } from './zstd-frames.ts'

/** Unpacks a gzip file of one or more members. Lengths and checksums are verified; zeros may follow, as on tapes. */
export async function unpackGzip(file: string, target: string, signal?: AbortSignal) {
  await unpackStream(file, target, createGunzip(), signal)
}

/**
 * Unpacks a zstd file of one or more frames. The library neither misses the end of the last frame nor minds what follows it, so
 * the frames are walked first.
 */
export async function unpackZstd(file: string, target: string, signal?: AbortSignal) {
  const handle = await open(file, 'r')
  let frames: { readonly contentBytes: number | undefined }
  try {
    const { size } = await handle.stat()
    frames = await walkZstdFrames(size, async (at, length) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at)
      return buffer.subarray(0, bytesRead)
    })
  } catch (error) {
    throw damaged(file, error)
  } finally {
    await handle.close()
  }
  await unpackStream(file, target, createZstdDecompress(), signal)
  const { size } = statSync(target)
  if (frames.contentBytes === undefined || frames.contentBytes === size) return
  throw damaged(file, new Error(`it holds ${size} bytes and says ${frames.contentBytes}`))
}

async function unpackStream(
  file: string,
  target: string,
  unpacker: NodeJS.ReadWriteStream,
  signal?: AbortSignal,
): Promise<void> {
  try {
    const options = signal === undefined ? {} : { signal }
    await pipeline(createReadStream(file), unpacker, createWriteStream(target), options)
  } catch (error) {
    // What the disk says is nothing about the file.
    const { code = '' } = error as NodeJS.ErrnoException
    throw /^Z_|^ZSTD_|^ERR_ZLIB/.test(code) ? damaged(file, error) : error
  }
}

/** A list of the files in a zip is read into memory; nobody packs so many candle files into one. */
const DIRECTORY_BYTES_MAX = 16 * 1_048_576

/** Unpacks the one file in a zip, verified by its CRC-32 and length. */
export async function unpackZip(file: string, target: string, signal?: AbortSignal) {
  await refuseLargeDirectory(file)
  const { BlobReader, configure, ZipReader } = await import('@zip.js/zip.js')
  configure({ useWebWorkers: false })
  const reader = new ZipReader(new BlobReader(Bun.file(file)), { checkSignature: true })
  try {
    const entry = onlyFile(file, await reader.getEntries())
    const written = createWriteStream(target)
    let bytes = 0
    const sink = new WritableStream<Uint8Array>({
      async write(chunk) {
        bytes += chunk.length
        if (bytes > entry.uncompressedSize) throw new Error('it unpacks to more than it says')
        if (!written.write(chunk)) await new Promise((resolve) => written.once('drain', resolve))
      },
    })
    const failed = new Promise<never>((_, reject) => written.once('error', reject))
    failed.catch(() => {})
    const options = signal === undefined ? {} : { signal }
    await Promise.race([entry.getData?.(sink, options), failed])
    await Promise.race([new Promise<void>((resolve) => written.end(resolve)), failed])
    if (bytes !== entry.uncompressedSize) throw new Error('it unpacks to less than it says')
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    const isOfDisk = code !== undefined && syscall !== undefined
    throw isOfDisk || signal?.aborted ? error : damaged(file, error)
  } finally {
    await reader.close().catch(() => {})
  }
}

/** What archivers of desktops add by themselves. */
const CLUTTER = /^__MACOSX\/|(?:^|\/)\.DS_Store$/

function onlyFile(file: string, entries: readonly Entry[]) {
  const files = entries.filter(({ directory, filename }) => !directory && !CLUTTER.test(filename))
  const [first, ...others] = files
  if (first === undefined || others.length > 0) {
    const names = files.slice(0, 5).map(({ filename }) => filename)
    const what = files.length === 0 ? 'no file' : `${files.length} files (${names.join(', ')}, …)`
    const remedy = 'Unpack it and import one file after the other.'
    throw unreadable(file, `the zip holds ${what}, where one is expected`, remedy)
  }
  if (first.encrypted) {
    throw unreadable(file, 'the zip is encrypted', 'Unpack it and import the file inside.')
  }
  return first as Entry & { readonly directory: false }
}

const END_BYTES_MAX = 65_557
const END_SIGNATURE = Buffer.from('PK\x05\x06', 'latin1')

/** The record at the end of a zip says how long the list of its files is. */
async function refuseLargeDirectory(file: string): Promise<void> {
  const { size } = statSync(file)
  const tail = Buffer.from(
    await Bun.file(file)
      .slice(Math.max(0, size - END_BYTES_MAX))
      .arrayBuffer(),
  )
  const at = tail.lastIndexOf(END_SIGNATURE)
  if (at < 0 || at + 22 > tail.length) {
    throw damaged(file, new Error('the end of the zip is missing'))
  }
  const bytes = tail.readUInt32LE(at + 12)
  if (bytes <= DIRECTORY_BYTES_MAX) return
  throw unreadable(file, 'the zip holds more files than can be one of candles')
}

function damaged(file: string, error: unknown): Error {
  if (error instanceof Error && 'context' in error) return error
  const reason = error instanceof Error ? error.message : String(error)
  return unreadable(file, `it is cut short or damaged (${reason})`, undefined, error)
}
