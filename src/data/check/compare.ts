import { CANDLE_COLUMNS, type CandleColumn, type CandleColumns } from '../../core/candles.ts'
import type { IntervalGrid } from '../../core/intervals.ts'
import type { DuckDb } from '../duckdb.ts'
import { monthRange, overlaps, type Partition } from '../lake/lake.ts'
import { Resampler } from '../resample.ts'
import type { TimeRange } from '../store.ts'
import { type Comparison, type Disagreement, LISTED_MAX } from './findings.ts'
import { SoundRows } from './sound-rows.ts'

/** Sums of many volumes are rounded once per addend, and exchanges round theirs: beyond this they differ. */
export const VOLUME_TOLERANCE = 1e-9

/** A stored series as files. */
export interface StoredFiles {
  readonly grid: IntervalGrid
  readonly partitions: readonly Partition[]
}

/**
 * Compares stored candles with those that a finer stored series gives, where both have one: prices exactly, volumes within
 * 1e-9. Both are streamed. Bad rows and unreadable files are passed over: they are reported for the series they belong to.
 * @param range open times to compare
 */
export async function compareSeries(
  db: DuckDb,
  coarse: StoredFiles,
  finer: StoredFiles,
  range: TimeRange,
): Promise<Comparison> {
  const comparer = new Comparer(rowsOf(db, coarse, range))
  const resampler = new Resampler(finer.grid, coarse.grid)
  try {
    for await (const chunk of rowsOf(db, finer, range)) {
      resampler.push(chunk)
      if (resampler.size > 0) await comparer.compare(resampler.take())
    }
    await comparer.compare(resampler.finish().columns)
  } finally {
    await comparer.close()
  }
  return comparer.result(finer.grid.name)
}

async function* rowsOf(
  db: DuckDb,
  { grid, partitions }: StoredFiles,
  range: TimeRange,
): AsyncGenerator<CandleColumns> {
  const rows = new SoundRows(db, grid)
  for (const partition of partitions) {
    if (overlaps(monthRange(partition.month), range)) yield* rows.read(partition, {}, range)
  }
}

class Comparer {
  readonly #stored: AsyncGenerator<CandleColumns>
  readonly #columns = new Map<CandleColumn, number>()
  readonly #examples: Disagreement[] = []
  #chunk: CandleColumns | undefined
  #row = 0
  #compared = 0
  #differing = 0

  constructor(stored: AsyncGenerator<CandleColumns>) {
    this.#stored = stored
  }

  /** Takes the next resampled candles. */
  async compare(resampled: CandleColumns): Promise<void> {
    for (let row = 0; row < resampled.openTime.length; row++) {
      const time = resampled.openTime[row] as number
      const stored = await this.#seek(time)
      if (stored === undefined) return
      if (stored.openTime[this.#row] === time) this.#compareRow(stored, resampled, row)
    }
  }

  result(finer: string): Comparison {
    return {
      finer,
      compared: this.#compared,
      differing: this.#differing,
      columns: Object.fromEntries(this.#columns),
      examples: this.#examples,
    }
  }

  async close(): Promise<void> {
    await this.#stored.return(undefined)
  }

  /** Goes to the first stored candle at or after a time; undefined when there is none. */
  async #seek(time: number): Promise<CandleColumns | undefined> {
    for (;;) {
      const chunk = this.#chunk
      if (chunk !== undefined) {
        while ((chunk.openTime[this.#row] ?? Infinity) < time) this.#row++
        if (this.#row < chunk.openTime.length) return chunk
      }
      const next = await this.#stored.next()
      if (next.done) return undefined
      this.#chunk = next.value
      this.#row = 0
    }
  }

  #compareRow(stored: CandleColumns, resampled: CandleColumns, row: number): void {
    this.#compared++
    const openTime = resampled.openTime[row] as number
    let differs = false
    for (const column of CANDLE_COLUMNS) {
      const values = {
        stored: stored[column][this.#row] as number,
        resampled: resampled[column][row] as number,
      }
      if (agree(column, values)) continue
      differs = true
      this.#columns.set(column, (this.#columns.get(column) ?? 0) + 1)
      if (this.#examples.length < LISTED_MAX) this.#examples.push({ openTime, column, ...values })
    }
    if (differs) this.#differing++
  }
}

function agree(
  column: CandleColumn,
  { stored, resampled }: Pick<Disagreement, 'stored' | 'resampled'>,
): boolean {
  if (Object.is(stored, resampled)) return true
  if (column !== 'volume') return false
  return Math.abs(stored - resampled) <= VOLUME_TOLERANCE * Math.max(stored, resampled)
}
