import type { CandleColumns } from '../../core/candles.ts'
import { DataError } from '../../core/errors.ts'
import { parseInterval } from '../../core/intervals.ts'
import { didYouMean } from '../../core/suggest.ts'
import { INSTANT_MS_END } from '../../core/units.ts'
import type { CandleRequest, CandleStore, StoredSeries } from '../../data/index.ts'
import { isSymbol, type MarketSource } from '../../simulator/index.ts'
import { checkPeriod } from '../data/period.ts'
import { requireVolume } from '../require-volume.ts'

/** Which stored candles are the market; all of an exchange where nothing else is said. */
export interface MarketSelection {
  readonly exchange: string
  readonly symbols?: readonly string[] | undefined
  readonly interval?: string | undefined
  /** [fromMs, toMs), epoch ms. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

/** The stored candles of an exchange as a market, and the time they span. */
export interface StoredMarket extends MarketSource {
  /** When the last of the symbols begins, and when the first of them ends: epoch milliseconds. */
  readonly span: { readonly fromMs: number; readonly toMs: number }
}

/**
 * Serves the simulator from the candle store; intervals that are not stored are resampled by it.
 * @throws DataError `DATA_MISSING` for an exchange or a symbol without candles, `SYMBOL_UNSERVED` for one that the venue could not have
 */
export async function openStoredMarket(
  store: CandleStore,
  { exchange, symbols, interval: only, fromMs = 0, toMs = INSTANT_MS_END }: MarketSelection,
): Promise<StoredMarket> {
  checkPeriod(fromMs, toMs)
  const series = (await store.listSeries(() => {}))
    .filter((one) => one.exchange === exchange && one.interval === (only ?? one.interval))
    .filter((one) => one.fromMs < toMs && one.toMs > fromMs)
    .map((one) => ({
      ...one,
      fromMs: Math.max(one.fromMs, fromMs),
      toMs: Math.min(one.toMs, toMs),
    }))
  const known = [...new Set(series.map(({ symbol }) => symbol))]
  const served = known.filter(isSymbol)
  const chosen = [...new Set(symbols ?? (served.length > 0 ? served : known))]
  if (chosen.length === 0) throw nothingStored(exchange)
  for (const symbol of chosen) if (!known.includes(symbol)) throw unknownSymbol(symbol, known)
  for (const symbol of chosen) if (!isSymbol(symbol)) throw unserved(symbol)
  const of = (symbol: string) => series.filter((one) => one.symbol === symbol)
  return {
    symbols: chosen,
    span: {
      fromMs: Math.max(...chosen.map((symbol) => Math.min(...of(symbol).map((s) => s.fromMs)))),
      toMs: Math.min(...chosen.map((symbol) => Math.max(...of(symbol).map((s) => s.toMs)))),
    },
    storedIntervals: (symbol) => of(symbol).map(intervalOf).sort(finestFirst),
    candles: (symbol, interval) => readAll(store, { exchange, symbol, interval, fromMs, toMs }),
  }
}

async function readAll(store: CandleStore, request: CandleRequest): Promise<CandleColumns> {
  const candles = await store.readCandles(request)
  requireVolume(candles, 'a venue sends one with each')
  return candles
}

function intervalOf({ interval }: StoredSeries): string {
  return interval
}

function finestFirst(a: string, b: string): number {
  return parseInterval(a).ms - parseInterval(b).ms
}

function nothingStored(exchange: string): DataError {
  return new DataError(
    'DATA_MISSING',
    `no candles of exchange '${exchange}' are stored, so the simulator has no market. Import some, or choose another with --exchange: crypto data list shows what is stored.`,
    { context: { exchange } },
  )
}

function unknownSymbol(symbol: string, known: readonly string[]): DataError {
  return new DataError(
    'DATA_MISSING',
    `no candles of '${symbol}' are stored.${didYouMean(symbol, known)} Stored: ${known.join(', ') || 'nothing'}.`,
    { context: { symbol, stored: known } },
  )
}

function unserved(symbol: string): DataError {
  return new DataError(
    'SYMBOL_UNSERVED',
    `the simulator cannot serve '${symbol}': symbols of Binance have at most 20 characters, no small letters, no '/' and no ':'.`,
    { context: { symbol } },
  )
}
