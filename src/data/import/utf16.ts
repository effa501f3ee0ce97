import { createReadStream, createWriteStream } from 'node:fs'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { unreadable } from './import-error.ts'

/** Writes a text in UTF-16 again in UTF-8. @throws DataError `IMPORT_UNREADABLE` where it is damaged */
export async function decodeUtf16(
  file: string,
  path: string,
  target: string,
  encoding: 'utf-16le' | 'utf-16be',
): Promise<void> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  const decode = new Transform({
    transform(chunk: Buffer, _, done) {
      finish(done, () => decoder.decode(chunk, { stream: true }))
    },
    flush(done) {
      finish(done, () => decoder.decode())
    },
  })
  const finish = (done: (error: Error | null, text?: string) => void, text: () => string) => {
    let decoded: string
    try {
      decoded = text()
    } catch (error) {
      done(unreadable(file, 'it is no UTF-16, as which it begins', undefined, error))
      return
    }
    done(null, decoded)
  }
  await pipeline(createReadStream(path), decode, createWriteStream(target))
}
