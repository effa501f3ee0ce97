/** Returns up to `length` bytes from `at` on; fewer at the end of the file. */
export type ReadBytes = (at: number, length: number) => Promise<Buffer>

const FRAME_MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const DICTIONARY_BYTES = [0, 1, 2, 4] as const
/** Magic, descriptor, window, dictionary and content size. */
const HEADER_BYTES_MAX = 18
const BLOCK_HEADER_BYTES = 3
const CHECKSUM_BYTES = 4
const RLE_BLOCK = 1
const RESERVED_BLOCK = 3

/**
 * Walks the frames of a zstd file by their headers (RFC 8878, section 3) and returns what they say of their content: the sum of
 * its bytes, undefined when a frame does not say.
 * @throws Error when a frame is cut short, or something else follows
 */
export async function walkZstdFrames(
  fileBytes: number,
  read: ReadBytes,
): Promise<{ readonly contentBytes: number | undefined }> {
  let contentBytes: number | undefined = 0
  let at = 0
  while (at < fileBytes) {
    const head = await read(at, HEADER_BYTES_MAX)
    if (head.length < 8) throw new Error('the last frame is cut short')
    const magic = head.readUInt32LE(0)
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      at += 8 + head.readUInt32LE(4)
    } else if (magic === FRAME_MAGIC) {
      const frame = await walkFrame(head, at, read)
      at = frame.end
      if (contentBytes !== undefined && frame.contentBytes !== undefined) {
        contentBytes += frame.contentBytes
      } else contentBytes = undefined
    } else throw new Error('something else follows the last frame')
  }
  if (at > fileBytes) throw new Error('the last frame is cut short')
  return { contentBytes }
}

async function walkFrame(head: Buffer, start: number, read: ReadBytes) {
  const descriptor = head[4] as number
  const isSingleSegment = (descriptor & 0x20) !== 0
  const sizeAt =
    5 + (isSingleSegment ? 0 : 1) + (DICTIONARY_BYTES[(descriptor & 3) as 0 | 1 | 2 | 3] as number)
  const { bytes, contentBytes } = contentSize(head, sizeAt, descriptor >> 6, isSingleSegment)
  let at = start + sizeAt + bytes
  for (;;) {
    const block = await read(at, BLOCK_HEADER_BYTES)
    if (block.length < BLOCK_HEADER_BYTES) throw new Error('the last frame is cut short')
    const header = block.readUIntLE(0, BLOCK_HEADER_BYTES)
    const type = (header >> 1) & 3
    if (type === RESERVED_BLOCK) throw new Error('a block has no known kind')
    at += BLOCK_HEADER_BYTES + (type === RLE_BLOCK ? 1 : header >> 3)
    if ((header & 1) !== 0) break
  }
  return { end: at + ((descriptor & 4) === 0 ? 0 : CHECKSUM_BYTES), contentBytes }
}

/** The field is absent, or has 1, 2, 4 or 8 bytes. */
function contentSize(head: Buffer, at: number, flag: number, isSingleSegment: boolean) {
  if (flag === 0) {
    return isSingleSegment ? { bytes: 1, contentBytes: head[at] } : { bytes: 0 }
  }
  const bytes = 1 << flag
  if (head.length < at + bytes) throw new Error('the last frame is cut short')
  if (flag === 1) return { bytes, contentBytes: head.readUInt16LE(at) + 256 }
  if (flag === 2) return { bytes, contentBytes: head.readUInt32LE(at) }
  return { bytes, contentBytes: Number(head.readBigUInt64LE(at)) }
}
