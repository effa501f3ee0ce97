import { parseInterval } from '../../core/intervals.ts'
import { intersectSpans } from '../../core/ranges.ts'
import { DAY_MS } from '../../core/units.ts'
import type { ArchivePart, ArchiveSource } from '../ingest/archive-pages.ts'
import { missingSlots } from '../ingest/sift.ts'
import { monthOf, monthRange } from '../local/lake.ts'
import type { SeriesKey, TimeRange } from '../store.ts'
import { ArchiveProblem, checkSum, readCandleFile } from './candle-file.ts'

/**
 * Gives the bytes of a file of an archive, by its path such as `spot/monthly/klines/…`; undefined when there is none.
 * @throws ArchiveProblem when it cannot be read
 */
export type ReadArchiveFile = (path: string) => Promise<Uint8Array | undefined>

/**
 * Returns a reader of Binance's public archive of spot candles (data.binance.vision):
 * `spot/{monthly|daily}/klines/SYMBOL/INTERVAL/SYMBOL-INTERVAL-YYYY-MM[-DD].zip`, each with a `.CHECKSUM`.
 *
 * Months come first. Where the file of a month is missing, damaged or short, the days of that month are read; what they lack
 * too is left to the exchange.
 */
export function createArchive(readFile: ReadArchiveFile): ArchiveSource {
  return {
    async *read(request) {
      for (const range of monthsOf(request)) {
        const month = await readPart(readFile, request, 'monthly', range)
        yield month
        for (const gap of gapsOf(month, request)) {
          for (const day of daysOf(gap)) yield await readPart(readFile, request, 'daily', day)
        }
      }
    },
  }
}

type Folder = 'monthly' | 'daily'

async function readPart(
  readFile: ReadArchiveFile,
  { symbol, interval }: SeriesKey,
  folder: Folder,
  range: TimeRange,
): Promise<ArchivePart> {
  const date = new Date(range.fromMs).toISOString().slice(0, folder === 'monthly' ? 7 : 10)
  const name = `${symbol}-${interval}-${date}`
  const path = `spot/${folder}/klines/${symbol}/${interval}/${name}.zip`
  const nothing = { range, candles: undefined }
  try {
    const zip = await readFile(path)
    // Archives are made late: the newest days are never there.
    if (zip === undefined) return { ...nothing, notes: [] }
    const checksum = await readFile(`${path}.CHECKSUM`)
    if (checksum !== undefined) checkSum(zip, checksum)
    const candles = await readCandleFile(zip, `${name}.csv`)
    const unchecked = `archive file ${name}.zip has no checksum file; its own CRC is right`
    return { range, candles, notes: checksum === undefined ? [unchecked] : [] }
  } catch (error) {
    if (!(error instanceof ArchiveProblem)) throw error
    return { ...nothing, notes: [`archive file ${name}.zip is not used: ${error.message}`] }
  }
}

/** What of the request a month's file lacks. */
function gapsOf(
  { range, candles }: ArchivePart,
  request: SeriesKey & TimeRange,
): readonly TimeRange[] {
  const wanted = intersectSpans(range, request)
  if (wanted === undefined) return []
  if (candles === undefined) return [wanted]
  const missing = missingSlots(candles.openTime, range, parseInterval(request.interval))
  return missing.flatMap((gap) => intersectSpans(gap, wanted) ?? [])
}

function monthsOf({ fromMs, toMs }: TimeRange): readonly TimeRange[] {
  const months: TimeRange[] = []
  for (let at = fromMs; at < toMs; at = monthRange(monthOf(at)).toMs) {
    months.push(monthRange(monthOf(at)))
  }
  return months
}

function daysOf({ fromMs, toMs }: TimeRange): readonly TimeRange[] {
  const days: TimeRange[] = []
  for (let at = Math.floor(fromMs / DAY_MS) * DAY_MS; at < toMs; at += DAY_MS) {
    days.push({ fromMs: at, toMs: at + DAY_MS })
  }
  return days
}
