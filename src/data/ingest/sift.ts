import type { CandleColumns } from '../../core/candles.ts'
import { floorToGrid, type IntervalGrid } from '../../core/intervals.ts'
import { columnsOf, FILE_COLUMNS, findViolation } from '../columns.ts'
import { overlay } from '../overlay.ts'
import type { QuarantinedCandle } from '../repository.ts'
import type { TimeRange } from '../store.ts'

/** What is usable of a venue's answer for a range. */
export interface Sifted {
  /** Valid candles of the range, sorted and unique. */
  readonly candles: CandleColumns
  /** Rows of the range that break a rule. */
  readonly refused: readonly QuarantinedCandle[]
  /** Slots of the range without a valid candle, as sorted ranges that do not touch. */
  readonly missing: readonly TimeRange[]
}

export interface SiftOptions {
  readonly range: TimeRange
  readonly grid: IntervalGrid
  /** Time of the answer, for what is refused. */
  readonly seenMs: number
}

/**
 * Sorts a venue's answer into valid candles, refused rows and missing slots. Rows outside of the range are dropped: the venue
 * may send more than was asked, such as the candle that is still forming. Exact repeats count once; a time that was sent with
 * different values is refused, since nobody can tell which ones are right.
 */
export function sift(raw: CandleColumns, options: SiftOptions): Sifted {
  if (!isSound(raw, options)) return siftRows(raw, options)
  const missing = missingSlots(raw.openTime, options.range, options.grid)
  return { candles: raw, refused: [], missing }
}

/** Returns the slots of a range that none of the sorted open times fills. */
export function missingSlots(
  openTime: ArrayLike<number>,
  range: TimeRange,
  grid: IntervalGrid,
): readonly TimeRange[] {
  const missing: TimeRange[] = []
  let expected = range.fromMs
  for (let row = 0; row < openTime.length; row++) {
    const time = openTime[row] as number
    if (time > expected) missing.push({ fromMs: expected, toMs: time })
    expected = time + grid.ms
  }
  if (expected < range.toMs) missing.push({ fromMs: expected, toMs: range.toMs })
  return missing
}

/** Returns the union of two answers for the same range; a candle of the later answer wins. */
export function combine(earlier: Sifted, later: Sifted, options: SiftOptions): Sifted {
  const refused = new Map(
    [...earlier.refused, ...later.refused].map((one) => [one.openTime, one] as const),
  )
  return settle(overlay(earlier.candles, later.candles), refused, options)
}

/** An answer as it should be: every row valid, in order and in the range. */
function isSound(raw: CandleColumns, { range, grid }: SiftOptions): boolean {
  const { openTime } = raw
  if (openTime.length === 0) return true
  const isInside =
    (openTime[0] as number) >= range.fromMs && (openTime.at(-1) as number) < range.toMs
  return isInside && findViolation(raw, grid, -Infinity) === undefined
}

function siftRows(raw: CandleColumns, options: SiftOptions): Sifted {
  const { range, grid, seenMs } = options
  const rows = new Map<number, readonly number[]>()
  const refused = new Map<number, QuarantinedCandle>()
  const refuse = (values: readonly number[], reason: string) => {
    const [openTime, ...rest] = values as [number, number, number, number, number, number]
    refused.set(openTime, { openTime, reason, values: rest, seenMs })
  }
  for (let row = 0; row < raw.openTime.length; row++) {
    const values = valuesAt(raw, row)
    const openTime = values[0] as number
    if (!(openTime >= range.fromMs && openTime < range.toMs)) continue
    const violation = findViolation(toColumns([values]), grid, -Infinity)
    const known = rows.get(openTime)
    if (violation !== undefined) refuse(values, violation.rule)
    else if (known === undefined) rows.set(openTime, values)
    else if (!known.every((value, i) => value === values[i])) {
      refuse(values, 'open_time must be unique, was sent twice with different values')
    }
  }
  for (const openTime of refused.keys()) rows.delete(openTime)
  return settle(toColumns([...rows.values()]), refused, options)
}

/** Valid candles, and rows that were refused: they count only where no candle has their slot. */
function settle(
  candles: CandleColumns,
  refused: ReadonlyMap<number, QuarantinedCandle>,
  { range, grid }: SiftOptions,
): Sifted {
  const filled = new Set(candles.openTime)
  return {
    candles,
    refused: [...refused.values()]
      .filter(({ openTime }) => !filled.has(floorToGrid(openTime, grid)))
      .toSorted((a, b) => a.openTime - b.openTime),
    missing: missingSlots(candles.openTime, range, grid),
  }
}

/** One row in the order of a candle file. */
function valuesAt(columns: CandleColumns, row: number): readonly number[] {
  const { openTime, open, high, low, close, volume } = columns
  return [openTime, open, high, low, close, volume].map((column) => column[row] as number)
}

function toColumns(rows: readonly (readonly number[])[]): CandleColumns {
  const sorted = rows.toSorted((a, b) => (a[0] as number) - (b[0] as number))
  return columnsOf(
    FILE_COLUMNS.map((_, column) => Float64Array.from(sorted, (row) => row[column] as number)),
  )
}
