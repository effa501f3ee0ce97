import { expect } from 'bun:test'
import type { CandleColumns } from '../../../src/core/candles.ts'
import { hashColumns } from '../../../src/data/columns.ts'
import { candlesWithin } from '../../../src/data/overlay.ts'
import type { CandleRepository, QuarantinedCandle } from '../../../src/data/repository.ts'
import type { TimeRange } from '../../../src/data/store.ts'
import type { Simulator } from '../../../src/simulator/index.ts'
import { startSimulator } from '../../support/simulator.ts'
import { walkCandles } from '../../support/walk.ts'
import type { SeriesDocument } from './killed.ts'

export const MINUTE = 60_000
export const SYMBOLS = ['BTCUSDT', 'ETHUSDT'] as const
const PAGE = 1_000
/** How much later than its end the venue's records go on. */
const MORE = 120 * MINUTE

/** A venue with every fault, and what it really has. */
export interface FaultyVenue {
  readonly simulator: Simulator
  readonly range: TimeRange
  readonly truths: ReadonlyMap<string, CandleColumns>
}

/** Every kind of fault that a REST client can meet. */
const FAULTS = [
  { kind: 'latency', probability: 1, min_ms: 15, max_ms: 70, endpoints: ['klines'] },
  { kind: 'reset', probability: 0.01 },
  { kind: 'reset', at: 'in_body', probability: 0.01 },
  { kind: 'truncated', probability: 0.01 },
  { kind: 'truncated', content_length: 'honest', probability: 0.01 },
  { kind: 'stalled', probability: 0.003 },
  { kind: 'server_error', probability: 0.01, status: 502, body: 'html' },
  { kind: 'server_error', probability: 0.01 },
  { kind: 'rate_limited', probability: 0.001, retry_after_seconds: 1, endpoints: ['klines'] },
  { kind: 'clock_skew', probability: 0.05, offset_ms: -45_000 },
  { kind: 'clock_skew', probability: 0.05, offset_ms: 900_000 },
  { kind: 'missing_rows', probability: 0.05, rows: 5 },
  { kind: 'duplicate_rows', probability: 0.05, rows: 5 },
  { kind: 'unsorted_rows', probability: 0.05, rows: 5 },
  { kind: 'invalid_rows', probability: 0.05, rows: 3 },
  { kind: 'corrupt_candles', probability: 0.00001 },
  { kind: 'late_corrections', probability: 0.5, settle_seconds: 300 },
]

/** Single minutes, and an outage of half an hour, that the venue never had. */
const isMissing = (index: number) => index % 30_011 === 7 || (index >= 100_000 && index < 100_030)

/** @param range the minutes that are asked for; the venue's clock stands 30 s after their end */
export async function startFaultyVenue(range: TimeRange): Promise<FaultyVenue> {
  const { fromMs, toMs } = range
  const truths = new Map(
    SYMBOLS.map((symbol, seed) => [
      symbol,
      walkCandles({ fromMs, toMs: toMs + MORE, stepMs: MINUTE, seed: seed + 11, isMissing }),
    ]),
  )
  const candles = Object.fromEntries(
    [...truths].map(([symbol, columns]) => [symbol, { '1m': columns }]),
  )
  const simulator = await startSimulator({ now: toMs + 30_000, candles, faults: FAULTS, seed: 5 })
  return { simulator, range, truths }
}

/** Pages that the range needs. */
export function pagesOf({ fromMs, toMs }: TimeRange): number {
  return Math.ceil((toMs - fromMs) / MINUTE / PAGE)
}

const LOST = new Set(['reset', 'truncated', 'stalled', 'server_error', 'rate_limited'])

/** Whole pages that reached a client, by symbol. */
export function fullPages(
  requests: ReturnType<Simulator['requests']>,
): ReadonlyMap<string, number> {
  const pages = new Map<string, number>()
  for (const { endpoint, query, faults } of requests) {
    if (endpoint !== 'klines' || faults.some((fault) => LOST.has(fault))) continue
    const asked = new URLSearchParams(query)
    const slots = (Number(asked.get('endTime')) + 1 - Number(asked.get('startTime'))) / MINUTE
    const symbol = asked.get('symbol') as string
    if (slots === PAGE) pages.set(symbol, (pages.get(symbol) ?? 0) + 1)
  }
  return pages
}

/** Compares what is stored, missing and refused of a series with what the venue has. */
export async function expectTruth(
  repository: CandleRepository,
  { range, truths }: FaultyVenue,
  report: SeriesDocument,
): Promise<void> {
  const { symbol } = report
  const writer = await repository.openSeries({ exchange: 'sim', symbol, interval: '1m' })
  try {
    const quarantined = await writer.quarantined()
    for (const { values } of quarantined) expect(isSound(values)).toBe(false)
    const refused = new Set(quarantined.map(({ openTime }) => openTime))
    const truth = truths.get(symbol) as CandleColumns
    const expected = without(candlesWithin(truth, range), refused)
    const stored = await writer.read(range)
    expect(stored.openTime.length).toBe(expected.openTime.length)
    expect(hashColumns(stored)).toBe(hashColumns(expected))

    expect(await writer.coverage()).toEqual([{ ...range, toMs: range.toMs + 10 * MINUTE }])
    const holes = await writer.holes(range)
    const missing = candlesIn(holes)
    expect(stored.openTime.length + missing).toBe(candlesIn([range]))
    expect(candlesIn(holes.filter(({ cause }) => cause === 'quarantine'))).toBeGreaterThan(0)
    expect(report.unverified).toBe(0)
    expect(report.holes).toBeGreaterThanOrEqual(missing)
  } finally {
    await writer.close()
  }
}

/** Whether a row could be a candle: nothing else may be refused. */
function isSound([open, high, low, close, volume]: QuarantinedCandle['values']): boolean {
  const prices = [open, high, low, close]
  return (
    prices.every((price) => Number.isFinite(price) && price > 0) &&
    Math.min(...prices) === low &&
    Math.max(...prices) === high &&
    Number.isFinite(volume) &&
    volume >= 0
  )
}

function candlesIn(ranges: readonly TimeRange[]): number {
  return ranges.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / MINUTE, 0)
}

function without(columns: CandleColumns, times: ReadonlySet<number>): CandleColumns {
  const rows = [...columns.openTime.keys()].filter(
    (row) => !times.has(columns.openTime[row] as number),
  )
  const pick = (column: Float64Array) => Float64Array.from(rows, (row) => column[row] as number)
  const { openTime, open, high, low, close, volume } = columns
  return {
    openTime: pick(openTime),
    open: pick(open),
    high: pick(high),
    low: pick(low),
    close: pick(close),
    volume: pick(volume),
  }
}
