import { createHash } from 'node:crypto'
import { CANDLE_COLUMNS, type CandleColumns } from '../core/candles.ts'
import type { IntervalGrid } from '../core/intervals.ts'

/** The columns of a candle file in their order. */
export const FILE_COLUMNS = ['open_time', ...CANDLE_COLUMNS] as const

/** What a rule of stored candles is about. */
export type ViolationKind =
  | 'time'
  | 'grid'
  | 'duplicate'
  | 'order'
  | 'month'
  | 'price'
  | 'volume'
  | 'ohlc'

/** Which row breaks which rule. */
export interface Violation {
  readonly row: number
  readonly openTime: number
  readonly kind: ViolationKind
  readonly rule: string
}

type Broken = Pick<Violation, 'kind' | 'rule'>

/** Names six vectors in file order. */
export function columnsOf(vectors: readonly Float64Array[]): CandleColumns {
  const [openTime, open, high, low, close, volume] = vectors as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  return { openTime, open, high, low, close, volume }
}

/** Columns over shared memory that grow by appending chunks, up to a known bound. Untouched rows cost no memory. */
export class SharedColumns {
  readonly #vectors: readonly Float64Array[]
  #rows = 0

  constructor(rowsMax: number) {
    this.#vectors = FILE_COLUMNS.map(() => new Float64Array(new SharedArrayBuffer(rowsMax * 8)))
  }

  get rows(): number {
    return this.#rows
  }

  append(columns: CandleColumns): void {
    const start = this.#rows
    vectorsOf(columns).forEach((vector, i) => {
      this.#vectors[i]?.set(vector, start)
    })
    this.#rows += columns.openTime.length
  }

  finish(): CandleColumns {
    return columnsOf(this.#vectors.map((vector) => new Float64Array(vector.buffer, 0, this.#rows)))
  }
}

/**
 * Prices of no market, in any currency: what lies beyond them is a mistake of who sent it, and arithmetic over it would lose its
 * digits.
 */
export const PRICE_MIN = 1e-15
export const PRICE_MAX = 1e15
/** At the lowest price this much is worth what at the highest one unit is. */
export const VOLUME_MAX = 1e30

/** Candles of a file may have no volume (NaN), those of an exchange may not. */
export const MAY_LACK_VOLUME = { mayLackVolume: true } as const

/**
 * Returns the first row that breaks a rule of stored candles: prices within their bounds, low and high around open and
 * close, volume not negative, open times on the grid of the interval and strictly rising from `previousTime` on.
 */
export function findViolation(
  columns: CandleColumns,
  grid: IntervalGrid,
  previousTime: number,
  { mayLackVolume = false }: { readonly mayLackVolume?: boolean } = {},
): Violation | undefined {
  const { openTime, open, high, low, close, volume } = columns
  let previous = previousTime
  for (let row = 0; row < openTime.length; row++) {
    const time = openTime[row] as number
    // One comparison settles nearly every row: the candle right after the last one is on the grid and later.
    const timeIsFine = time - previous === grid.ms
    const o = open[row] as number
    const h = high[row] as number
    const l = low[row] as number
    const c = close[row] as number
    const v = volume[row] as number
    // NaN compares false, so it never passes.
    const valuesAreFine =
      l >= PRICE_MIN &&
      l <= o &&
      l <= c &&
      h >= o &&
      h >= c &&
      h <= PRICE_MAX &&
      ((v >= 0 && v <= VOLUME_MAX) || (mayLackVolume && Number.isNaN(v)))
    if (!timeIsFine || !valuesAreFine) {
      const broken =
        brokenTimeRule(time, previous, grid) ??
        brokenValueRule(o, h, l, c, mayLackVolume && Number.isNaN(v) ? 0 : v)
      if (broken !== undefined) return { row, openTime: time, ...broken }
    }
    previous = time
  }
  return undefined
}

/**
 * Hashes columns that arrive in chunks: one sha-256 per column, and over the six digests in file order the one that counts.
 * It does not depend on where the chunks are cut, so it can run while the next chunk is being read.
 */
export class ColumnsHasher {
  readonly #hashes = FILE_COLUMNS.map(() => createHash('sha256'))

  push(columns: CandleColumns): this {
    vectorsOf(columns).forEach((vector, i) => {
      this.#hashes[i]?.update(vector)
    })
    return this
  }

  /** Returns the hash in hex; nothing can be pushed afterwards. */
  finish(): string {
    const whole = createHash('sha256')
    for (const hash of this.#hashes) whole.update(hash.digest())
    return whole.digest('hex')
  }
}

/** Returns the content hash of columns: a sha-256 (hex) over their bytes, open times as doubles. */
export function hashColumns(columns: CandleColumns): string {
  return new ColumnsHasher().push(columns).finish()
}

/** The vectors of columns in file order. */
export function vectorsOf(columns: CandleColumns): readonly Float64Array[] {
  return [columns.openTime, ...CANDLE_COLUMNS.map((name) => columns[name])]
}

function brokenTimeRule(time: number, previous: number, grid: IntervalGrid): Broken | undefined {
  if (!Number.isSafeInteger(time)) {
    return { kind: 'time', rule: `open_time must be whole milliseconds, was ${time}` }
  }
  if ((time - grid.anchorMs) % grid.ms !== 0) {
    return { kind: 'grid', rule: `open_time must be aligned to ${grid.name}` }
  }
  if (time === previous) {
    return {
      kind: 'duplicate',
      rule: 'open_time must be unique, was the same as in the row before',
    }
  }
  if (time < previous) {
    return { kind: 'order', rule: 'open_time must rise, was earlier than in the row before' }
  }
  return undefined
}

function brokenValueRule(
  open: number,
  high: number,
  low: number,
  close: number,
  volume: number,
): Broken | undefined {
  for (const [name, price] of Object.entries({ open, high, low, close })) {
    if (!(price > 0 && price < Infinity)) {
      return { kind: 'price', rule: `${name} must be a positive price, was ${price}` }
    }
    if (price < PRICE_MIN || price > PRICE_MAX) {
      return { kind: 'price', rule: `${name} must be from 1e-15 to 1e15, was ${price}` }
    }
  }
  if (!(volume >= 0)) {
    return { kind: 'volume', rule: `volume must not be negative, was ${volume}` }
  }
  if (volume > VOLUME_MAX) {
    return { kind: 'volume', rule: `volume must be at most 1e30, was ${volume}` }
  }
  if (low > Math.min(open, close)) {
    const rule = `low must be <= open and close, was ${low} with open ${open}, close ${close}`
    return { kind: 'ohlc', rule }
  }
  if (high < Math.max(open, close)) {
    const rule = `high must be >= open and close, was ${high} with open ${open}, close ${close}`
    return { kind: 'ohlc', rule }
  }
  return undefined
}
