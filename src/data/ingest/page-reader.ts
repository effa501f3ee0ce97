import { floorToGrid, type IntervalGrid } from '../../core/intervals.ts'
import type { Hole, HoleCause, QuarantinedCandle, VerifiedPage } from '../repository.ts'
import type { SeriesKey, TimeRange } from '../store.ts'
import { type FetchContext, repeatRequest } from './repeat-request.ts'
import { combine, type Sifted, sift } from './sift.ts'

/** A page and what it took. */
export interface FetchedPage extends VerifiedPage {
  /** Rows received, repeated ones included. */
  readonly rows: number
}

/**
 * How often a venue is asked again for candles that its answer lacks. What is missing each time is a hole: a single answer
 * may have lost rows on the way.
 */
const CONFIRMATIONS = 2

/** Reads the pages of one series, repeating what failed for a passing reason and checking every row. */
export class PageReader {
  readonly #context: FetchContext
  readonly #key: SeriesKey
  readonly #grid: IntervalGrid
  #requests = 0

  constructor(context: FetchContext, key: SeriesKey, grid: IntervalGrid) {
    this.#context = context
    this.#key = key
    this.#grid = grid
  }

  /** Answers received so far. */
  get requests(): number {
    return this.#requests
  }

  /** The most candles of one page, as a length of time. */
  get pageMs(): number {
    return this.#context.exchange.candlesPerPage * this.#grid.ms
  }

  /** Whether `findNext` can tell that there is nothing. */
  get seeksForward(): boolean {
    return this.#context.exchange.seeksForward
  }

  /**
   * Reads at most a page and verifies it: what is missing has been asked for again.
   * @param venueMs the venue's time, which the ledger notes
   * @throws ConnectivityError when the repetitions are used up, and what `Exchange` throws for good
   */
  async read(range: TimeRange, venueMs: number): Promise<FetchedPage> {
    let { sifted, rows } = await this.#ask(range, venueMs)
    for (let again = 0; again < CONFIRMATIONS && sifted.missing.length > 0; again++) {
      const answer = await this.#ask(spanOf(sifted.missing), venueMs)
      rows += answer.rows
      sifted = combine(sifted, answer.sifted, { range, grid: this.#grid, seenMs: venueMs })
    }
    const { candles, refused, missing } = sifted
    const holes = missing.flatMap((one) => holesOf(one, refused, this.#grid, venueMs))
    return { range, rows, candles, holes, quarantined: refused }
  }

  /**
   * Returns the open time of the first candle in a range of any length, or undefined when the venue has none there. Two
   * answers have to agree that candles are missing: the earlier one counts.
   */
  async findNext(range: TimeRange, venueMs: number): Promise<number | undefined> {
    const found = new Set<number>()
    for (let again = 0; again < CONFIRMATIONS; again++) {
      const { sifted } = await this.#ask(range, venueMs)
      const first = sifted.candles.openTime[0]
      if (first === range.fromMs) return first
      if (first !== undefined) found.add(first)
    }
    return found.size === 0 ? undefined : Math.min(...found)
  }

  async #ask(
    range: TimeRange,
    seenMs: number,
  ): Promise<{ readonly sifted: Sifted; readonly rows: number }> {
    const { exchange, signal } = this.#context
    const { symbol, interval } = this.#key
    const query = { symbol, interval, ...range }
    const raw = await repeatRequest(this.#context, () => exchange.candles(query, signal))
    this.#requests++
    return { sifted: sift(raw, { range, grid: this.#grid, seenMs }), rows: raw.openTime.length }
  }
}

/** Splits missing slots by their cause. */
function holesOf(
  range: TimeRange,
  refused: readonly QuarantinedCandle[],
  grid: IntervalGrid,
  nowMs: number,
): readonly Hole[] {
  const bad = new Set(refused.map(({ openTime }) => floorToGrid(openTime, grid)))
  const inside = [...bad].filter((slot) => slot >= range.fromMs && slot < range.toMs)
  const hole = (fromMs: number, toMs: number, cause: HoleCause): Hole[] =>
    fromMs < toMs ? [{ fromMs, toMs, cause, firstSeenMs: nowMs, lastCheckMs: nowMs }] : []
  const holes: Hole[] = []
  let fromMs = range.fromMs
  for (const slot of inside.toSorted((a, b) => a - b)) {
    holes.push(...hole(fromMs, slot, 'venue'), ...hole(slot, slot + grid.ms, 'quarantine'))
    fromMs = slot + grid.ms
  }
  return [...holes, ...hole(fromMs, range.toMs, 'venue')]
}

function spanOf(ranges: readonly TimeRange[]): TimeRange {
  return { fromMs: (ranges[0] as TimeRange).fromMs, toMs: (ranges.at(-1) as TimeRange).toMs }
}
