import { createHash } from 'node:crypto'
import { ArchiveProblem } from './problem.ts'

/** The largest known file, a month of seconds, unpacks to 300 MB. */
const UNPACKED_BYTES_MAX = 512 * 1_048_576

/**
 * Checks a file against its `.CHECKSUM`: a SHA-256 in hex and the name of the file.
 * @throws ArchiveProblem `checksum`
 */
export function verifyChecksum(file: Uint8Array, checksum: Uint8Array): void {
  const text = new TextDecoder().decode(checksum).trim()
  const expected = /^[0-9a-f]{64}(?=\s|$)/i.exec(text)?.[0]
  if (expected === undefined) {
    throw new ArchiveProblem('checksum', 'its checksum file holds no SHA-256')
  }
  const actual = createHash('sha256').update(file).digest('hex')
  if (actual !== expected.toLowerCase()) {
    throw new ArchiveProblem('checksum', 'its content is not what its checksum file says')
  }
}

/**
 * Returns the one file in a zip, checked against the CRC-32 and the sizes that the zip has of it.
 * @param name what the file is called
 * @throws ArchiveProblem `damaged` or `misnamed`
 */
export async function unpack(zip: Uint8Array, name: string): Promise<Uint8Array> {
  const { configure, Uint8ArrayReader, Uint8ArrayWriter, ZipReader } = await import(
    '@zip.js/zip.js'
  )
  configure({ useWebWorkers: false })
  const reader = new ZipReader(new Uint8ArrayReader(zip), { checkSignature: true })
  try {
    const entries = await reader.getEntries()
    const entry = entries.find(({ filename }) => filename === name)
    if (entry === undefined || entry.directory) {
      const found = entries.map(({ filename }) => filename).join(', ') || 'nothing'
      throw new ArchiveProblem('misnamed', `it holds ${found} and not ${name}`)
    }
    if (entry.uncompressedSize > UNPACKED_BYTES_MAX) {
      throw new ArchiveProblem('damaged', `it would unpack to ${entry.uncompressedSize} bytes`)
    }
    const bytes = await entry.getData(new Uint8ArrayWriter())
    if (bytes.length !== entry.uncompressedSize) {
      throw new ArchiveProblem('damaged', 'it unpacks to another length than it says')
    }
    return bytes
  } catch (error) {
    if (error instanceof ArchiveProblem) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new ArchiveProblem('damaged', `it is damaged (${reason})`, { cause: error })
  } finally {
    await reader.close().catch(() => {})
  }
}
