import type { CandleColumns } from '../core/candles.ts'
import { columnsOf, FILE_COLUMNS, vectorsOf } from './columns.ts'

/** Columns without a candle. */
export const NO_CANDLES: CandleColumns = columnsOf(FILE_COLUMNS.map(() => new Float64Array(0)))

/** Returns the candles of both, sorted; where both have one, that of `upper`. Both are sorted and unique. */
export function overlay(lower: CandleColumns, upper: CandleColumns): CandleColumns {
  if (upper.openTime.length === 0) return lower
  if (lower.openTime.length === 0) return upper
  const picks = pickRows(lower.openTime, upper.openTime)
  const [below, above] = [vectorsOf(lower), vectorsOf(upper)]
  return columnsOf(
    FILE_COLUMNS.map((_, column) => {
      const [a, b] = [below[column] as Float64Array, above[column] as Float64Array]
      return Float64Array.from(picks, (pick) => (pick < 0 ? a[-pick - 1] : b[pick]) as number)
    }),
  )
}

/** Returns the candles of all parts; where several have one, that of the latest part. Each is sorted and unique. */
export function overlayAll(parts: readonly CandleColumns[]): CandleColumns {
  const filled = parts.filter(({ openTime }) => openTime.length > 0)
  const isRising = filled.every(({ openTime }, i) => {
    const before = filled[i - 1]?.openTime.at(-1) ?? -Infinity
    return (openTime[0] as number) > before
  })
  return isRising ? concatenate(filled) : filled.reduce(overlay, NO_CANDLES)
}

/** Pages of a growing series follow each other: they are copied once. */
function concatenate(parts: readonly CandleColumns[]): CandleColumns {
  const rows = parts.reduce((sum, { openTime }) => sum + openTime.length, 0)
  const vectors = FILE_COLUMNS.map(() => new Float64Array(rows))
  let start = 0
  for (const part of parts) {
    vectorsOf(part).forEach((vector, column) => {
      vectors[column]?.set(vector, start)
    })
    start += part.openTime.length
  }
  return columnsOf(vectors)
}

/** Returns the rows of the union in order of time: a row of `upper`, or of `lower` as -row - 1. */
function pickRows(lower: Float64Array, upper: Float64Array): Int32Array {
  const picks = new Int32Array(lower.length + upper.length)
  let count = 0
  for (let a = 0, b = 0; a < lower.length || b < upper.length; ) {
    const below = lower[a] ?? Infinity
    const above = upper[b] ?? Infinity
    picks[count++] = above <= below ? b : -a - 1
    if (below <= above) a++
    if (above <= below) b++
  }
  return picks.subarray(0, count)
}

/** What of fresh candles the stored ones lack, and how they compare. All are sorted and unique. */
export interface Difference {
  /** Those that are not stored, or with other values. */
  readonly changed: CandleColumns
  readonly added: number
  readonly replaced: number
  readonly unchanged: number
}

/** Compares fresh candles with the stored ones of the same range. */
export function compareCandles(fresh: CandleColumns, stored: CandleColumns): Difference {
  const [ours, theirs] = [vectorsOf(fresh), vectorsOf(stored)]
  const rows: number[] = []
  let added = 0
  for (let row = 0, at = 0; row < fresh.openTime.length; row++) {
    const time = fresh.openTime[row] as number
    while ((stored.openTime[at] ?? Infinity) < time) at++
    const isStored = stored.openTime[at] === time
    const isSame = isStored && ours.every((vector, i) => vector[row] === theirs[i]?.[at])
    if (!isStored) added++
    if (!isSame) rows.push(row)
  }
  const isAll = rows.length === fresh.openTime.length
  return {
    changed: isAll
      ? fresh
      : columnsOf(ours.map((one) => Float64Array.from(rows, (i) => one[i] as number))),
    added,
    replaced: rows.length - added,
    unchanged: fresh.openTime.length - rows.length,
  }
}

/** Returns the candles with open times in a range as views of the same memory. */
export function candlesWithin(
  columns: CandleColumns,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): CandleColumns {
  const { openTime } = columns
  if (openTime.length === 0) return columns
  if ((openTime[0] as number) >= fromMs && (openTime.at(-1) as number) < toMs) return columns
  const first = openTime.findIndex((time) => time >= fromMs)
  const end = openTime.findLastIndex((time) => time < toMs) + 1
  return columnsOf(
    vectorsOf(columns).map((vector) => vector.subarray(first < 0 ? end : first, end)),
  )
}
