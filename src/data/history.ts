import { ConfigError, DataError } from '../core/errors.ts'
import { parseInterval } from '../core/intervals.ts'
import { firstFrom } from '../core/sorted-times.ts'
import { DAY_MS, formatInstant } from '../core/units.ts'
import { allIncomplete, outOfRange } from './data-errors.ts'
import type { StoredCandles, TimeRange, WarmCandles, WarmCandlesRequest } from './store.ts'

/** Days of history that one step of reading back spans unless the caller says otherwise. */
export const WARMUP_DAYS_DEFAULT = 30

/** The stored series that answers a request, chosen once so that history and period come from the same one. */
export interface ChosenSeries {
  readonly stored: TimeRange & { readonly interval: string }
  /** @throws DataError when the range holds no candle or a bad one */
  read(range: TimeRange): Promise<StoredCandles>
}

/**
 * Reads a period and its warm-up history.
 *
 * History is read as far back as `warmupBars` ask for, where it is stored; only `lookbackBars` of it have to be there. It is
 * read in whole multiples of `warmupDays`, so that recursive indicators start at the same candle for all
 * parameters of about the same length, and more of them only when the bars inside do not suffice because of gaps.
 * @param choose gets the period with the least history that it needs
 */
export async function readWarmCandles(
  choose: (wanted: TimeRange) => Promise<ChosenSeries>,
  request: WarmCandlesRequest,
): Promise<WarmCandles> {
  checkPeriod(request)
  const { startMs, endMs, warmupBars, lookbackBars = warmupBars } = request
  const period = { fromMs: startMs, toMs: endMs }
  const warmupMs = warmupBars * parseInterval(request.interval).ms
  const series = await choose({ fromMs: startMs - warmupMs, toMs: endMs })
  const available = series.stored
  if (endMs <= available.fromMs || startMs >= available.toMs) {
    throw outOfRange(request, period, available, available.interval)
  }
  const candles = await readWithHistory(series, request)
  const asked = firstFrom(candles.openTime, startMs)
  // A candle that ends after the period is known only after it.
  const end = firstFrom(candles.openTime, endMs - candles.intervalMs + 1)
  const first = Math.max(asked, lookbackBars)
  if (asked >= end) {
    const incomplete = candles.incompleteTimes.filter((time) => time >= startMs && time < endMs)
    if (incomplete.length > 0) {
      const finer = available.interval
      const perCandle = candles.intervalMs / parseInterval(finer).ms
      throw allIncomplete(request, period, { finer, incomplete: incomplete.length, perCandle })
    }
    throw outOfRange(request, period, available, available.interval)
  }
  if (first >= end) throw tooShort(request, { before: asked, inside: end - asked })
  const covered = rangeOf(candles, first, end)
  const slots = (covered.toMs - covered.fromMs) / candles.intervalMs
  return {
    candles,
    window: { first, end },
    shiftedBars: first - asked,
    holes: slots - (end - first),
    covered,
    available: { fromMs: available.fromMs, toMs: available.toMs },
  }
}

async function readWithHistory(
  series: ChosenSeries,
  request: WarmCandlesRequest,
): Promise<StoredCandles> {
  const stepMs = (request.warmupDays ?? WARMUP_DAYS_DEFAULT) * DAY_MS
  const neededMs = request.warmupBars * parseInterval(request.interval).ms
  for (let steps = Math.max(1, Math.ceil(neededMs / stepMs)); ; steps *= 2) {
    const fromMs = request.startMs - steps * stepMs
    const candles = await series.read({ fromMs, toMs: request.endMs })
    const before = firstFrom(candles.openTime, request.startMs)
    if (before >= request.warmupBars || fromMs <= series.stored.fromMs) return candles
  }
}

function rangeOf(candles: StoredCandles, first: number, end: number): TimeRange {
  return {
    fromMs: candles.openTime[first] as number,
    toMs: (candles.openTime[end - 1] as number) + candles.intervalMs,
  }
}

function checkPeriod({ startMs, endMs, symbol, interval }: WarmCandlesRequest): void {
  if (startMs < endMs) return
  throw new ConfigError(
    'PERIOD_EMPTY',
    `${symbol} ${interval}: the period's start must be before its end (which is exclusive), was ${formatInstant(startMs)} to ${formatInstant(endMs)}.`,
    { context: { startMs, endMs } },
  )
}

function tooShort(
  request: WarmCandlesRequest,
  bars: { readonly before: number; readonly inside: number },
): DataError {
  const { symbol, interval, warmupBars, lookbackBars = warmupBars } = request
  return new DataError(
    'DATA_TOO_SHORT',
    `${symbol} ${interval}: ${lookbackBars} bars of warm-up are needed before the first judged bar, but only ${bars.before} bars lie before the period and ${bars.inside} in it, so none is left. Use a later end, shorter indicator periods, or import earlier candles: crypto data import FILE --exchange ${request.exchange} --symbol ${symbol} --interval ${interval}`,
    { context: { warmupBars: lookbackBars, ...bars } },
  )
}
