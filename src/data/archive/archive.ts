import type { CandleColumns } from '../../core/candles.ts'
import {
  candlesOpeningIn,
  countCandles,
  type IntervalGrid,
  parseInterval,
} from '../../core/intervals.ts'
import { intersectSpans, subtractSpans } from '../../core/ranges.ts'
import { DAY_MS } from '../../core/units.ts'
import type {
  ArchiveNote,
  ArchivePart,
  ArchiveRequest,
  ArchiveSource,
} from '../ingest/archive-pages.ts'
import { sift } from '../ingest/sift.ts'
import { monthRange, monthsIn } from '../lake/lake.ts'
import { candlesWithin } from '../overlay.ts'
import type { TimeRange } from '../store.ts'
import { parseRows } from './parse-rows.ts'
import { ArchiveProblem } from './problem.ts'
import { unpack, verifyChecksum } from './unpack.ts'

/**
 * Gives the bytes of a file of an archive, by its path such as `spot/monthly/klines/…`; undefined when there is none.
 * @throws ArchiveProblem `unreadable`, or `unreachable` when no other file can be expected either
 */
export type ReadArchiveFile = (
  path: string,
  signal?: AbortSignal,
) => Promise<Uint8Array | undefined>

/** Months that are read and unpacked while the ones before are stored. */
const MONTHS_AHEAD = 2

/**
 * Returns a reader of Binance's public archive of spot candles (data.binance.vision):
 * `spot/{monthly|daily}/klines/SYMBOL/INTERVAL/SYMBOL-INTERVAL-YYYY-MM[-DD].zip`, each with a `.CHECKSUM`.
 *
 * Months come first. Where the file of a month is missing, damaged or short, the days of that month are read; what they lack
 * too is left to the exchange.
 */
export function createArchive(readFile: ReadArchiveFile): ArchiveSource {
  return { read: (request) => new ArchiveReader(readFile, request).parts() }
}

class ArchiveReader {
  readonly #readFile: ReadArchiveFile
  readonly #request: ArchiveRequest
  readonly #grid: IntervalGrid

  constructor(readFile: ReadArchiveFile, request: ArchiveRequest) {
    this.#readFile = readFile
    this.#request = request
    this.#grid = parseInterval(request.interval)
  }

  async *parts(): AsyncGenerator<ArchivePart> {
    const months = monthsIn(this.#request.ranges).map(monthRange)
    const ahead: Promise<readonly ArchivePart[]>[] = []
    for (let month = 0, next = 0; month < months.length; month++) {
      while (next < months.length && next <= month + MONTHS_AHEAD) {
        const reading = this.#readMonth(months[next++] as TimeRange)
        // Whoever stops early does not wait for it, and whoever gets there sees its error.
        reading.catch(() => {})
        ahead.push(reading)
      }
      try {
        yield* await (ahead.shift() as (typeof ahead)[number])
      } catch (error) {
        if (!(error instanceof ArchiveProblem)) throw error
        yield { problem: error.kind, message: `the archive is left aside: ${error.message}` }
        return
      }
    }
  }

  /** Reads the file of a month, and those of the days that it lacks. */
  async #readMonth(month: TimeRange): Promise<readonly ArchivePart[]> {
    // The last week of a month ends in the next one.
    const slots = candlesOpeningIn(month, this.#grid)
    const wanted = this.#within(slots, this.#request.ranges)
    const { parts, missing, isAbsent } = await this.#readFileOf('monthly', month, wanted)
    if (missing.length === 0 || this.#grid.ms > DAY_MS) return parts
    const days = daysOf(missing)
    // A month without a file is the current one, or lies before the listing or behind its end: then its days have none either.
    const isBeyond = isAbsent && !(await this.#hasAnyDay([days.at(-1), days[0]]))
    if (isBeyond) return parts
    const daily: ArchivePart[] = []
    for (const day of days) {
      daily.push(...(await this.#readFileOf('daily', day, this.#within(day, missing))).parts)
    }
    return [...parts, ...daily]
  }

  async #hasAnyDay(days: readonly (TimeRange | undefined)[]): Promise<boolean> {
    for (const day of days) {
      if (day === undefined) continue
      const { path } = this.#nameOf('daily', day)
      for (const file of [`${path}.CHECKSUM`, path]) if (await this.#isThere(file)) return true
    }
    return false
  }

  async #isThere(path: string): Promise<boolean> {
    try {
      return (await this.#read(path)) !== undefined
    } catch (error) {
      if (error instanceof ArchiveProblem && error.kind !== 'unreachable') return true
      throw error
    }
  }

  async #readFileOf(
    folder: Folder,
    range: TimeRange,
    wanted: readonly TimeRange[],
  ): Promise<FileParts> {
    const { name, path } = this.#nameOf(folder, range)
    const nothing = { parts: [], missing: wanted }
    try {
      const [zip, checksum] = await Promise.all([this.#read(path), this.#read(`${path}.CHECKSUM`)])
      // Archives are made late: the newest ones are never there.
      if (zip === undefined) return { ...nothing, isAbsent: true }
      if (checksum !== undefined) verifyChecksum(zip, checksum)
      const { columns, broken } = parseRows(await unpack(zip, `${name}.csv`))
      const found = this.#partsOf(columns, wanted)
      const notes = notesOf(name, {
        hasChecksum: checksum !== undefined,
        refused: found.refused + broken,
        missing: folder === 'monthly' ? countCandles(found.missing, this.#grid) : 0,
      })
      return { parts: [...notes, ...found.parts], missing: found.missing, isAbsent: false }
    } catch (error) {
      if (!(error instanceof ArchiveProblem) || error.kind === 'unreachable') throw error
      const message = `archive file ${name}.zip is not used: ${error.message}`
      return { ...nothing, parts: [{ problem: error.kind, message }], isAbsent: false }
    }
  }

  /** Splits the candles of a file into stretches without a hole. */
  #partsOf(columns: CandleColumns, wanted: readonly TimeRange[]): SoundParts {
    const parts: ArchivePart[] = []
    const missing: TimeRange[] = []
    const isSorted = isRising(columns.openTime)
    let refused = 0
    for (const range of wanted) {
      // A part of a sound file is sound as well, which `sift` finds out fast when it gets no other rows.
      const rows = isSorted ? candlesWithin(columns, range) : columns
      const sound = sift(rows, { range, grid: this.#grid, seenMs: 0 })
      refused += sound.refused.length
      missing.push(...sound.missing)
      for (const part of subtractSpans(range, sound.missing)) {
        parts.push({ range: part, candles: candlesWithin(sound.candles, part) })
      }
    }
    return { parts, missing, refused }
  }

  #read(path: string): Promise<Uint8Array | undefined> {
    return this.#readFile(path, this.#request.signal)
  }

  #nameOf(folder: Folder, { fromMs }: TimeRange): { readonly name: string; readonly path: string } {
    const { symbol, interval } = this.#request
    const date = new Date(fromMs).toISOString().slice(0, folder === 'monthly' ? 7 : 10)
    const name = `${symbol}-${interval}-${date}`
    return { name, path: `spot/${folder}/klines/${symbol}/${interval}/${name}.zip` }
  }

  #within(range: TimeRange, ranges: readonly TimeRange[]): readonly TimeRange[] {
    return ranges.flatMap((one) => intersectSpans(one, range) ?? [])
  }
}

type Folder = 'monthly' | 'daily'

interface FileParts {
  readonly parts: readonly ArchivePart[]
  /** What of the wanted ranges the file lacks. */
  readonly missing: readonly TimeRange[]
  /** Whether there is no such file. */
  readonly isAbsent: boolean
}

interface SoundParts extends Omit<FileParts, 'isAbsent'> {
  /** Rows that break a rule. */
  readonly refused: number
}

interface FileFacts {
  readonly hasChecksum: boolean
  readonly refused: number
  readonly missing: number
}

function notesOf(
  name: string,
  { hasChecksum, refused, missing }: FileFacts,
): readonly ArchiveNote[] {
  const file = `archive file ${name}.zip`
  const notes: ArchiveNote[] = []
  if (!hasChecksum) {
    const message = `${file} has no checksum file; the checksum inside of the zip is right`
    notes.push({ problem: 'no_checksum', message })
  }
  if (refused > 0) {
    const message = `${file} has ${refused} row(s) that are no valid candle; they are looked for elsewhere`
    notes.push({ problem: 'rows', message })
  }
  if (missing > 0) {
    const message = `${file} lacks ${missing} candle(s); they are looked for elsewhere`
    notes.push({ problem: 'short', message })
  }
  return notes
}

function isRising(times: Float64Array): boolean {
  for (let row = 1; row < times.length; row++) {
    if (!((times[row] as number) > (times[row - 1] as number))) return false
  }
  return true
}

/** Returns the days that sorted ranges touch. */
function daysOf(ranges: readonly TimeRange[]): readonly TimeRange[] {
  const days: TimeRange[] = []
  for (const { fromMs, toMs } of ranges) {
    const first = Math.max(fromMs - (fromMs % DAY_MS), days.at(-1)?.toMs ?? -Infinity)
    for (let at = first; at < toMs; at += DAY_MS) days.push({ fromMs: at, toMs: at + DAY_MS })
  }
  return days
}
