import { createHash } from 'node:crypto'
import type { CandleColumns } from '../../core/candles.ts'
import { columnsOf, FILE_COLUMNS } from '../columns.ts'

/** What is wrong with a file of an archive. */
export class ArchiveProblem extends Error {}

/** Checks an archive file against its `.CHECKSUM`: a SHA-256 in hex and the name of the file. */
export function checkSum(file: Uint8Array, checksum: Uint8Array): void {
  const expected = /^[0-9a-f]{64}/i.exec(new TextDecoder().decode(checksum).trim())?.[0]
  if (expected === undefined) throw new ArchiveProblem('its checksum file holds no SHA-256')
  const actual = createHash('sha256').update(file).digest('hex')
  if (actual !== expected.toLowerCase()) throw new ArchiveProblem('its checksum does not match')
}

/** Returns the candles of a zip archive with one CSV file, checked against the CRC in it. */
export async function readCandleFile(zip: Uint8Array, name: string): Promise<CandleColumns> {
  return parseCandles(await unzip(zip, name))
}

async function unzip(zip: Uint8Array, name: string): Promise<string> {
  const { configure, TextWriter, Uint8ArrayReader, ZipReader } = await import('@zip.js/zip.js')
  configure({ useWebWorkers: false })
  const reader = new ZipReader(new Uint8ArrayReader(zip), { checkSignature: true })
  try {
    const entries = await reader.getEntries()
    const wanted = entries.find(({ filename, directory }) => !directory && filename === name)
    if (wanted === undefined || wanted.directory) {
      const found = entries.map(({ filename }) => filename).join(', ') || 'nothing'
      throw new ArchiveProblem(`it holds ${found} in place of ${name}`)
    }
    return await wanted.getData(new TextWriter())
  } catch (error) {
    if (error instanceof ArchiveProblem) throw error
    throw new ArchiveProblem(`it is damaged (${error instanceof Error ? error.message : error})`)
  } finally {
    await reader.close().catch(() => {})
  }
}

/** Spot files count microseconds from 2025 on. No candle of a market is older than this many milliseconds can say. */
const MICROSECONDS_FROM = 100_000_000_000_000

/** Reads rows of open time, open, high, low, close, volume and six fields more; a header line is left out. */
function parseCandles(text: string): CandleColumns {
  const lines = text.split('\n')
  const rows = lines.filter((line) => line.charCodeAt(0) >= 48 && line.charCodeAt(0) <= 57)
  const columns = FILE_COLUMNS.map(() => new Float64Array(rows.length))
  rows.forEach((line, row) => {
    const fields = line.split(',', FILE_COLUMNS.length)
    columns.forEach((column, i) => {
      const field = fields[i]?.trim()
      column[row] = field === undefined || field === '' ? Number.NaN : Number(field)
    })
  })
  const [openTime] = columns as [Float64Array]
  for (let row = 0; row < openTime.length; row++) {
    if ((openTime[row] as number) >= MICROSECONDS_FROM)
      openTime[row] = (openTime[row] as number) / 1000
  }
  return columnsOf(columns)
}
