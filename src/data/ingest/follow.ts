import { ConnectivityError } from '../../core/errors.ts'
import { ceilToGrid, type IntervalGrid, parseInterval } from '../../core/intervals.ts'
import { backoff } from '../../core/retry.ts'
import { checkMarkets, type IngestOptions, ingestChecked, WRONG_CLOCK } from './ingest.ts'
import type { SeriesContext, SeriesResult } from './ingest-series.ts'
import type { SeriesReport } from './report.ts'

/** First and longest wait between two attempts while the venue or the database is away. */
const AWAY = { delayMs: 1_000, delayMsMax: 60_000 }

/** Waits for a candle that has closed but that the venue does not have yet, one after the other; then for the next one to close. */
const LATE_MS: readonly number[] = [2_000, 5_000, 10_000, 20_000]

/** After the end of a candle the venue gets this long to publish it, and the candles of other symbols to close as well. */
const PUBLISH_MS = 1_500

/**
 * Keeps series up to date until the signal: brings them up to date once, then again whenever a candle has closed. A stream,
 * where the venue has one, only says that a candle closed; the candle itself is read and verified like any other, so that
 * a lost stream loses nothing. A venue has to be there at the start; while it or the database is away later on, it goes on trying.
 *
 * @param onRound called after every round with its results
 */
export async function follow(
  request: IngestOptions,
  context: SeriesContext & { readonly signal: AbortSignal },
  onRound: (results: readonly SeriesResult[]) => void,
): Promise<void> {
  await checkMarkets(request, context)
  const closings = new Closings(request, context)
  const { clock, signal } = context
  let isFirst = true
  let failures = 0
  let late = 0
  let current = request
  try {
    while (!signal.aborted) {
      const { state, skewMs } = await round(current, context, onRound, isFirst)
      isFirst = false
      // An archive is made late: it never has the candle that has just closed.
      if (state !== 'away') current = { ...request, archive: undefined }
      failures = state === 'away' ? failures + 1 : 0
      const lateMs = state === 'late' ? LATE_MS[late] : undefined
      late = lateMs === undefined ? 0 : late + 1
      if (signal.aborted) return
      if (state === 'away') await clock.sleep(backoff(AWAY, failures), signal)
      else if (lateMs !== undefined) await clock.sleep(lateMs, signal)
      else await closings.next(skewMs)
    }
  } catch (error) {
    if (!context.signal.aborted) throw error
  } finally {
    closings.stop()
  }
}

/** `away`: a passing failure kept something from being brought up to date. `late`: the venue lacks a candle that has just closed. */
type State = 'current' | 'late' | 'away'

interface Round {
  readonly state: State
  /** How far the venue's clock is ahead of ours. */
  readonly skewMs: number
}

async function round(
  request: IngestOptions,
  context: SeriesContext,
  onRound: (results: readonly SeriesResult[]) => void,
  isFirst: boolean,
): Promise<Round> {
  try {
    const { results, skewMs } = await ingestChecked(request, context)
    onRound(results)
    const errors = results.flatMap(({ error }) => error ?? [])
    const lasting = errors.find((error) => !(error instanceof ConnectivityError))
    if (lasting !== undefined) throw lasting
    const isBehind = results.some(({ report }) => isLate(report))
    return { state: errors.length > 0 ? 'away' : isBehind ? 'late' : 'current', skewMs }
  } catch (error) {
    if (!(error instanceof ConnectivityError)) throw error
    // A clock that is wrong from the start does not pass; one that goes wrong later may be set right.
    if (isFirst && error.code === WRONG_CLOCK) throw error
    context.warn(`${error.message} Trying again.`)
    return { state: 'away', skewMs: 0 }
  }
}

function isLate({ toMs, holeRanges }: SeriesReport): boolean {
  return holeRanges.some((hole) => hole.toMs === toMs)
}

/** Tells when a candle has closed: by the stream of any of the symbols, or by the clock where there is none. */
class Closings {
  readonly #request: IngestOptions
  readonly #context: SeriesContext & { readonly signal: AbortSignal }
  readonly #grid: IntervalGrid
  readonly #stop = new AbortController()
  #closed = 0
  #seen = 0
  #wake: (() => void) | undefined

  constructor(request: IngestOptions, context: SeriesContext & { readonly signal: AbortSignal }) {
    this.#request = request
    this.#context = context
    this.#grid = parseInterval(request.interval)
    for (const symbol of request.symbols) void this.#listen(symbol)
  }

  /** Resolves when a candle has closed since the last call. @param skewMs how far the venue's clock is ahead */
  async next(skewMs: number): Promise<void> {
    const { clock, signal } = this.#context
    if (this.#closed === this.#seen) await this.#closing(skewMs)
    await clock.sleep(PUBLISH_MS, signal)
    this.#seen = this.#closed
  }

  /** The stream's word or the end of the candle by the clock, whichever is first. */
  async #closing(skewMs: number): Promise<void> {
    const { clock, signal } = this.#context
    const timer = new AbortController()
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    const venueMs = clock.now() + skewMs
    const untilClose = ceilToGrid(venueMs + 1, this.#grid) - venueMs
    const slept = clock.sleep(untilClose, AbortSignal.any([signal, timer.signal]))
    await Promise.race([woken, slept.catch(() => {})])
    timer.abort()
  }

  stop(): void {
    this.#stop.abort()
  }

  async #listen(symbol: string): Promise<void> {
    const { exchange, clock, signal } = this.#context
    if (exchange.watchCandles === undefined) return
    const either = AbortSignal.any([signal, this.#stop.signal])
    for (let failures = 0; !either.aborted; failures++) {
      try {
        const series = { symbol, interval: this.#request.interval }
        for await (const { isClosed } of exchange.watchCandles(series, either)) {
          failures = 0
          if (isClosed) this.#notice()
        }
      } catch {
        // The clock goes on; what the stream missed is read with the next round.
      }
      await clock.sleep(backoff(AWAY, failures + 1), either).catch(() => {})
    }
  }

  #notice(): void {
    this.#closed++
    this.#wake?.()
  }
}
