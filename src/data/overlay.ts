import type { CandleColumns } from '../core/candles.ts'
import { firstFrom } from '../core/sorted-times.ts'
import { columnsOf, FILE_COLUMNS, vectorsOf } from './columns.ts'

/** Columns without a candle. */
export const NO_CANDLES: CandleColumns = columnsOf(FILE_COLUMNS.map(() => new Float64Array(0)))

/** Returns the candles of both, sorted; where both have one, that of `upper`. Both are sorted and unique. */
export function overlay(lower: CandleColumns, upper: CandleColumns): CandleColumns {
  if (upper.openTime.length === 0) return lower
  if (lower.openTime.length === 0) return upper
  if (isRising([lower, upper])) return concatenate([lower, upper])
  const picks = pickRows(lower.openTime, upper.openTime)
  const [below, above] = [vectorsOf(lower), vectorsOf(upper)]
  return columnsOf(
    below.map((vector, column) => interleave(picks, vector, above[column] as Float64Array)),
  )
}

/** Returns the candles of all parts; where several have one, that of the latest part. Each is sorted and unique. */
export function overlayAll(parts: readonly CandleColumns[]): CandleColumns {
  const filled = parts.filter(({ openTime }) => openTime.length > 0)
  return isRising(filled) ? concatenate(filled) : overlayHalves(filled)
}

/** Each step copies what it joins: one after the other would copy the first part once for every later one. */
function overlayHalves(parts: readonly CandleColumns[]): CandleColumns {
  if (parts.length <= 1) return parts[0] ?? NO_CANDLES
  const middle = parts.length >> 1
  return overlay(overlayHalves(parts.slice(0, middle)), overlayHalves(parts.slice(middle)))
}

/** Whether each part, none of them empty, begins after the one before ends. */
function isRising(parts: readonly CandleColumns[]): boolean {
  return parts.every(({ openTime }, i) => {
    const before = parts[i - 1]?.openTime.at(-1) ?? -Infinity
    return (openTime[0] as number) > before
  })
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

function interleave(picks: Int32Array, lower: Float64Array, upper: Float64Array): Float64Array {
  const values = new Float64Array(picks.length)
  for (let row = 0; row < picks.length; row++) {
    const pick = picks[row] as number
    values[row] = (pick < 0 ? lower[-pick - 1] : upper[pick]) as number
  }
  return values
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
  const count = fresh.openTime.length
  if (stored.openTime.length === 0) {
    return { changed: fresh, added: count, replaced: 0, unchanged: 0 }
  }
  const [ours, theirs] = [vectorsOf(fresh), vectorsOf(stored)]
  const rows = new Int32Array(count)
  let [changed, added] = [0, 0]
  for (let row = 0, at = 0; row < count; row++) {
    const time = fresh.openTime[row] as number
    while ((stored.openTime[at] ?? Infinity) < time) at++
    const isStored = stored.openTime[at] === time
    const isSame = isStored && ours.every((vector, i) => vector[row] === theirs[i]?.[at])
    if (!isStored) added++
    if (!isSame) rows[changed++] = row
  }
  return {
    changed: changed === count ? fresh : pickOf(fresh, rows.subarray(0, changed)),
    added,
    replaced: changed - added,
    unchanged: count - changed,
  }
}

function pickOf(columns: CandleColumns, rows: Int32Array): CandleColumns {
  return columnsOf(vectorsOf(columns).map((vector) => interleave(rows, vector, vector)))
}

/** Returns the candles with open times in a range as views of the same memory. */
export function candlesWithin(
  columns: CandleColumns,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): CandleColumns {
  const { openTime } = columns
  if (openTime.length === 0) return columns
  if ((openTime[0] as number) >= fromMs && (openTime.at(-1) as number) < toMs) return columns
  const first = firstFrom(openTime, fromMs)
  const end = Math.max(first, firstFrom(openTime, toMs))
  return columnsOf(vectorsOf(columns).map((vector) => vector.subarray(first, end)))
}
