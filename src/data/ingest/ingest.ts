import { ConfigError, ConnectivityError } from '../../core/errors.ts'
import { quoteForeign } from '../../core/foreign-text.ts'
import { parseInterval } from '../../core/intervals.ts'
import { wrongReply } from '../../core/reply-body.ts'
import { didYouMean } from '../../core/suggest.ts'
import {
  DAY_MS,
  type EpochMs,
  findCanonicalInterval,
  formatInstant,
  INSTANT_MS_END,
} from '../../core/units.ts'
import type { Exchange } from '../../exchanges/exchange.ts'
import type { ArchiveSource } from './archive-pages.ts'
import {
  ingestSeries,
  planSeries,
  type SeriesContext,
  type SeriesJob,
  type SeriesResult,
} from './ingest-series.ts'
import { closedRange, type Period } from './period.ts'
import { repeatFirstRequest, repeatRequest } from './repeat-request.ts'

export interface IngestOptions {
  readonly symbols: readonly string[]
  readonly interval: string
  readonly period: Period
  readonly repair: boolean
  readonly recheckCandles: number
  /** Series at work at the same time. */
  readonly symbolsParallel: number
  readonly archive?: ArchiveSource | undefined
}

/**
 * Brings several series up to date, some at a time, all under the rate limit of the connection. One that fails does not
 * keep the others from ending; what each committed stays.
 * Where the venue is away from the start, what an archive has is stored, and the rest is the error of its series.
 * @throws ConfigError `UNKNOWN_SYMBOL`, `UNKNOWN_INTERVAL` or `INGEST_PERIOD`, ConnectivityError `EXCHANGE_CLOCK`, before anything is
 * stored
 */
export async function ingest(
  request: IngestOptions,
  context: SeriesContext,
): Promise<readonly SeriesResult[]> {
  if (request.archive === undefined) {
    await checkMarkets(request, context)
    return (await ingestChecked(request, context)).results
  }
  const asked = await askFirst(request, context)
  return await ingestJobs(request, context, asked)
}

/** The venue's time; without an answer that of this machine, and why there was none. */
interface Asked {
  readonly venueMs: number
  readonly away?: ConnectivityError
}

/** Beside an archive a venue is not waited for as long as without one. */
const RETRIES_BESIDE_ARCHIVE = 2

async function askFirst(request: IngestOptions, context: SeriesContext): Promise<Asked> {
  const retries = Math.min(RETRIES_BESIDE_ARCHIVE, context.policy.retries)
  const impatient = { ...context, policy: { ...context.policy, retries } }
  try {
    await checkMarkets(request, impatient)
    return { venueMs: await venueTime(impatient) }
  } catch (error) {
    if (!(error instanceof ConnectivityError) || error.code === WRONG_CLOCK) throw error
    context.warn(`${error.message} Only the archive is read.`)
    return { venueMs: context.clock.now(), away: error }
  }
}

export interface Ingested {
  readonly results: readonly SeriesResult[]
  /** How far the venue's clock is ahead of ours. */
  readonly skewMs: number
}

/** As `ingest`, for markets that have been checked before. */
export async function ingestChecked(
  request: IngestOptions,
  context: SeriesContext,
): Promise<Ingested> {
  const venueMs = await venueTime(context)
  const skewMs = venueMs - context.clock.now()
  return { results: await ingestJobs(request, context, { venueMs }), skewMs }
}

async function ingestJobs(
  request: IngestOptions,
  context: SeriesContext,
  { venueMs, away }: Asked,
): Promise<readonly SeriesResult[]> {
  return await mapParallel(
    jobsOf(request, context.exchange, venueMs),
    request.symbolsParallel,
    (job) => ingestSeries({ ...job, away }, context),
  )
}

/** One series of a dry run. */
export interface SeriesPlan extends Pick<SeriesJob, 'key' | 'range'> {
  /** Candles to be asked for, and the pages they take when nothing fails. */
  readonly candles: number
  readonly pages: number
}

/** Returns what `ingest` would fetch. */
export async function planIngest(
  request: IngestOptions,
  context: SeriesContext,
): Promise<readonly SeriesPlan[]> {
  await checkMarkets(request, context)
  const plans: SeriesPlan[] = []
  for (const job of jobsOf(request, context.exchange, await venueTime(context))) {
    plans.push({ key: job.key, range: job.range, ...(await planSeries(job, context)) })
  }
  return plans
}

/**
 * Checks the names of a request against the venue.
 * @throws ConfigError `UNKNOWN_SYMBOL` or `UNKNOWN_INTERVAL`
 */
export async function checkMarkets(request: IngestOptions, context: SeriesContext): Promise<void> {
  checkInterval(context.exchange, request.interval)
  await checkSymbols(request.symbols, context)
}

/** Cuts the period to candles that are closed by the venue's clock. */
function jobsOf(request: IngestOptions, exchange: Exchange, venueMs: number): readonly SeriesJob[] {
  const range = closedRange(request.period, parseInterval(request.interval), venueMs)
  return request.symbols.map((symbol) => ({
    key: { exchange: exchange.name, symbol, interval: request.interval },
    range,
    venueMs,
    repair: request.repair,
    recheckCandles: request.recheckCandles,
    archive: request.archive,
  }))
}

/** The adapter may be a plugin: with another clock than a venue's, candles that are still forming would pass for closed. */
async function venueTime(context: SeriesContext): Promise<EpochMs> {
  const { exchange, signal } = context
  const venueMs = await repeatRequest(context, async () => {
    const ms = await exchange.serverTime(signal)
    if (Number.isSafeInteger(ms) && ms > 0 && ms < INSTANT_MS_END) return ms
    const where = `exchange '${exchange.name}': server time`
    throw wrongReply(where, `is no time in milliseconds: ${quoteForeign(String(ms))}`)
  })
  refuseWrongClock(venueMs, context)
  return venueMs
}

/**
 * Two clocks that are further apart than this are not both right. What is stored depends on them: with a fast one candles of the future
 * would pass for closed, with a slow one nothing would be new. Time zones, the usual mistake, are less.
 */
const CLOCKS_APART_MS_MAX = DAY_MS

/** The code of a clock that is not that of the world. */
export const WRONG_CLOCK = 'EXCHANGE_CLOCK'

/** @throws ConnectivityError `EXCHANGE_CLOCK` when the venue's clock and ours, or that of a simulator, disagree by more than a day */
function refuseWrongClock(venueMs: EpochMs, { exchange, clock }: SeriesContext): void {
  const simulatedMs = exchange.simulatedTime?.()
  const ourMs = simulatedMs ?? clock.now()
  if (Math.abs(venueMs - ourMs) <= CLOCKS_APART_MS_MAX) return
  const [venue, ours] = [formatInstant(venueMs), formatInstant(ourMs)]
  const ourClock = simulatedMs === undefined ? 'the clock of this machine' : 'the simulated clock'
  throw new ConnectivityError(
    WRONG_CLOCK,
    `exchange '${exchange.name}': its clock says ${venue}, ${ourClock} says ${ours}. They are more than a day apart, so that nobody can tell which candles are closed; nothing was stored. Set the clock of this machine if that is wrong, or else name another address of the exchange in exchanges.yaml.`,
    { context: { exchange: exchange.name, venue, ours } },
  )
}

function checkInterval({ name, intervals }: Exchange, interval: string): void {
  if (intervals.includes(interval)) return
  throw new ConfigError(
    'UNKNOWN_INTERVAL',
    `${name} has no candles of ${interval}.${didYouMeanInterval(interval, intervals)} It has ${intervals.join(', ')}; any other interval is resampled from a finer one when it is read.`,
    { context: { exchange: name, interval, intervals } },
  )
}

/** One of another length is no misspelling: `3d` is not meant as `3m`. */
function didYouMeanInterval(interval: string, intervals: readonly string[]): string {
  const canonical = findCanonicalInterval(interval)
  if (canonical === undefined) return didYouMean(interval, intervals)
  return intervals.includes(canonical) ? ` Did you mean '${canonical}'?` : ''
}

async function checkSymbols(symbols: readonly string[], context: SeriesContext): Promise<void> {
  const { exchange, signal, warn } = context
  const onRetry = (error: unknown, _: number, waitMs: number) =>
    warn(`${(error as Error).message} Trying again in ${(waitMs / 1000).toFixed(1)} s.`)
  const markets = await repeatFirstRequest({ ...context, onRetry }, () => exchange.markets(signal))
  const known = new Set(markets.map(({ symbol }) => symbol))
  const unknown = symbols.filter((symbol) => !known.has(symbol))
  if (unknown.length === 0) return
  const named = unknown.map((symbol) => `'${symbol}' not found.${didYouMean(symbol, known)}`)
  throw new ConfigError(
    'UNKNOWN_SYMBOL',
    `${exchange.name}: ${named.join(' ')} The exchange lists ${known.size} markets; their names are written without a separator, such as BTCUSDT.`,
    { context: { exchange: exchange.name, symbols: unknown } },
  )
}

/** Maps with at most `countMax` at work; results keep the order of the items. */
async function mapParallel<T, R>(
  items: readonly T[],
  countMax: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = new Array(items.length)
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const index = next++
      results[index] = await work(items[index] as T)
    }
  }
  await Promise.all(Array.from({ length: Math.min(countMax, items.length) }, worker))
  return results
}
