import type { CandleColumns } from '../../core/candles.ts'
import { floorToGrid, type IntervalGrid } from '../../core/intervals.ts'
import { wrongReply } from '../../core/reply-body.ts'
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

/** Between two answers without any row. A venue that is in trouble for a moment gives several of them within milliseconds. */
const EMPTY_WAIT_MS = 1_000

/** Reads the pages of one series, repeating what failed for a passing reason and checking every row. */
export class PageReader {
  readonly #context: FetchContext
  readonly #key: SeriesKey
  readonly #grid: IntervalGrid
  #requests = 0
  /** Open time of the last candle that the venue has shown to have. */
  #shownMs: number | undefined
  #wasEmpty = false

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
      const rest = spanOf(sifted.missing)
      const answer = isEmpty(sifted)
        ? await this.#askOfNothing(rest, venueMs)
        : await this.#ask(rest, venueMs)
      rows += answer.rows
      sifted = combine(sifted, answer.sifted, { range, grid: this.#grid, seenMs: venueMs })
    }
    const { candles, refused, missing } = sifted
    this.#shownMs = candles.openTime.at(-1) ?? this.#shownMs
    this.#wasEmpty = isEmpty(sifted)
    const holes = missing.flatMap((one) => holesOf(one, refused, this.#grid, venueMs))
    return { range, rows, candles, holes, quarantined: refused }
  }

  /**
   * Returns the slot of the first row that the venue sends of a range of any length, valid or not, or undefined when it has none
   * there. Two answers have to agree that there is nothing before: the earlier one counts.
   */
  async findNext(range: TimeRange, venueMs: number): Promise<number | undefined> {
    const found = new Set<number>()
    for (let again = 0; again < CONFIRMATIONS; again++) {
      const { sifted } = await this.#askOfNothing(range, venueMs)
      const first = firstSlotOf(sifted, this.#grid)
      if (first === range.fromMs) return first
      if (first !== undefined) found.add(first)
    }
    return found.size === 0 ? undefined : Math.min(...found)
  }

  /** Asks for a range of which the venue has shown nothing yet. */
  async #askOfNothing(range: TimeRange, seenMs: number): Promise<Answer> {
    const isShort = range.toMs - range.fromMs < this.pageMs
    // From hole to hole, or page by page through the years before a listing, one wait is enough.
    const hasWaited = this.#wasEmpty && (isShort || !this.seeksForward)
    if (this.#shownMs !== undefined || !hasWaited) await this.#expectSense()
    return await this.#ask(range, seenMs)
  }

  /**
   * A venue that shows nothing may be in trouble. So it has to show again the last candle that it has sent; where it has sent none,
   * only time can pass.
   */
  async #expectSense(): Promise<void> {
    const shownMs = this.#shownMs
    if (shownMs === undefined) {
      const { clock, signal } = this.#context
      await clock.sleep(EMPTY_WAIT_MS, signal)
      return
    }
    await this.#answer({ fromMs: shownMs, toMs: shownMs + this.#grid.ms }, ({ openTime }) =>
      openTime.includes(shownMs) ? undefined : 'lacks a candle that was sent before',
    )
  }

  async #ask(range: TimeRange, seenMs: number): Promise<Answer> {
    const raw = await this.#answer(range, ({ openTime }) => {
      // A later one says that there is nothing in the range: not every venue heeds its end.
      const isOther = openTime.length > 0 && openTime.every((time) => time < range.fromMs)
      return isOther ? 'has none of the candles that were asked for, but earlier ones' : undefined
    })
    return { sifted: sift(raw, { range, grid: this.#grid, seenMs }), rows: raw.openTime.length }
  }

  /** @param faultOf says what keeps an answer from being one: it counts as `EXCHANGE_REPLY` then, and is asked for again */
  async #answer(
    range: TimeRange,
    faultOf: (answer: CandleColumns) => string | undefined,
  ): Promise<CandleColumns> {
    const { exchange, signal } = this.#context
    const { symbol, interval } = this.#key
    const answer = await repeatRequest(this.#context, async () => {
      const received = await exchange.candles({ symbol, interval, ...range }, signal)
      const fault = faultOf(received)
      if (fault === undefined) return received
      throw wrongReply(`exchange '${exchange.name}': candles ${symbol} ${interval}`, fault)
    })
    this.#requests++
    return answer
  }
}

interface Answer {
  readonly sifted: Sifted
  readonly rows: number
}

function isEmpty({ candles, refused }: Sifted): boolean {
  return candles.openTime.length === 0 && refused.length === 0
}

function firstSlotOf({ candles, refused }: Sifted, grid: IntervalGrid): number | undefined {
  const times = [candles.openTime[0], refused[0]?.openTime].filter((time) => time !== undefined)
  return times.length === 0 ? undefined : floorToGrid(Math.min(...times), grid)
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
