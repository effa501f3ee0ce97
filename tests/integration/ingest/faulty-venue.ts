import { expect } from 'bun:test'
import type { CandleColumns } from '../../../src/core/candles.ts'
import { intersectSpans, mergeSpans } from '../../../src/core/ranges.ts'
import { hashColumns } from '../../../src/data/columns.ts'
import { candlesWithin } from '../../../src/data/overlay.ts'
import type { CandleRepository, QuarantinedCandle } from '../../../src/data/repository.ts'
import type { TimeRange } from '../../../src/data/store.ts'
import type { Simulator } from '../../../src/simulator/index.ts'
import { startSimulator } from '../../support/simulator.ts'
import { walkCandles } from '../../support/walk.ts'
import type { LoggedRequest, SeriesDocument } from './killed.ts'

export const MINUTE = 60_000
export const SYMBOLS = ['BTCUSDT', 'ETHUSDT'] as const
export const PAGE = 1_000
/** How much later than its end the venue's records go on. */
const MORE = 120 * MINUTE

/** A venue with every fault, and what it really has. */
export interface FaultyVenue {
  readonly simulator: Simulator
  readonly range: TimeRange
  readonly truths: ReadonlyMap<string, CandleColumns>
}

/** Candles of a symbol, more or less, that the venue sends corrupt each time. */
const CORRUPT = 5

/** Every kind of fault that a REST client can meet. */
const faultsIn = (range: TimeRange) => [
  { kind: 'holes', ...outageIn(range) },
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
  { kind: 'corrupt_candles', probability: CORRUPT / minutesOf(range) },
  { kind: 'late_corrections', probability: 0.5, settle_seconds: 300 },
]

/** Single minutes that the venue never had. */
const isMissing = (index: number) => index % 30_011 === 7

/** Half an hour that it does not give out. */
function outageIn(range: TimeRange) {
  const outageMs = range.fromMs + Math.floor(minutesOf(range) / 5) * MINUTE
  return {
    from: new Date(outageMs).toISOString(),
    to: new Date(outageMs + 30 * MINUTE).toISOString(),
  }
}

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
  const faults = faultsIn(range)
  const simulator = await startSimulator({ now: toMs + 30_000, candles, faults, seed: 5 })
  const outage = outageIn(range)
  const given = [...truths].map(
    ([symbol, columns]) => [symbol, outsideOf(columns, outage)] as const,
  )
  return { simulator, range, truths: new Map(given) }
}

function outsideOf(columns: CandleColumns, { from, to }: ReturnType<typeof outageIn>) {
  const inside = candlesWithin(columns, { fromMs: Date.parse(from), toMs: Date.parse(to) })
  return without(columns, new Set(inside.openTime))
}

const minutesOf = ({ fromMs, toMs }: TimeRange) => (toMs - fromMs) / MINUTE

/** Pages that the range needs. */
export const pagesOf = (range: TimeRange) => Math.ceil(minutesOf(range) / PAGE)

const LOST = new Set(['reset', 'truncated', 'stalled', 'server_error', 'rate_limited'])

/** The parts of a page or less that reached a client, in the order of the requests. */
function answered(requests: readonly LoggedRequest[], symbol: string): readonly TimeRange[] {
  return requests.flatMap(({ endpoint, query, faults }) => {
    const asked = new URLSearchParams(query)
    const isLost = endpoint !== 'klines' || faults.some((fault) => LOST.has(fault))
    if (isLost || asked.get('symbol') !== symbol) return []
    const range = { fromMs: Number(asked.get('startTime')), toMs: Number(asked.get('endTime')) + 1 }
    return range.toMs - range.fromMs <= PAGE * MINUTE ? [range] : []
  })
}

/** Whole pages that reached a client. */
export function fullPages(requests: readonly LoggedRequest[], symbol: string): number {
  const pages = answered(requests, symbol)
  return pages.filter(({ fromMs, toMs }) => toMs - fromMs === PAGE * MINUTE).length
}

/** The candles that each of the runs got although one before it had got them or later ones. */
export function repeatedCandles(
  runs: readonly { readonly requests: readonly LoggedRequest[] }[],
  symbol: string,
): readonly number[] {
  let topMs = Number.NEGATIVE_INFINITY
  return runs.map(({ requests }) => {
    const ranges = answered(requests, symbol)
    const before = ranges.flatMap(
      (range) => intersectSpans(range, { fromMs: 0, toMs: topMs }) ?? [],
    )
    topMs = Math.max(topMs, ...ranges.map(({ toMs }) => toMs))
    return candlesIn(mergeSpans(before.toSorted((a, b) => a.fromMs - b.fromMs)))
  })
}

/** Compares what is stored, missing and refused of a series with what the venue has. */
export async function expectTruth(
  repository: CandleRepository,
  { simulator, range, truths }: FaultyVenue,
  report: SeriesDocument,
): Promise<void> {
  const { symbol } = report
  const writer = await repository.openSeries({ exchange: 'sim', symbol, interval: '1m' })
  try {
    const quarantined = await writer.quarantined()
    expect(quarantined.filter(({ values }) => isSound(values))).toEqual([])
    const corrupt = quarantined.map(({ openTime }) => isCorruptFor(simulator, symbol, openTime))
    expect(await Promise.all(corrupt)).toEqual(quarantined.map(() => true))
    const refused = new Set(quarantined.map(({ openTime }) => openTime))
    const truth = truths.get(symbol) as CandleColumns
    const expected = without(candlesWithin(truth, range), refused)
    const stored = await writer.read(range)
    expect(stored.openTime.length).toBe(expected.openTime.length)
    expect(hashColumns(stored)).toBe(hashColumns(expected))

    // The venue's clock may have been said to be 45 s back.
    const [covered, ...more] = await writer.coverage()
    expect(more).toEqual([])
    expect(covered?.fromMs).toBe(range.fromMs)
    expect(covered?.toMs).toBeOneOf([9, 10].map((minutes) => range.toMs + minutes * MINUTE))
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

/** Candles that the venue has and that are not stored, but for those that it sends corrupt: answers that lost rows each time. */
export async function countLacking(
  repository: CandleRepository,
  { range, truths }: FaultyVenue,
  symbol: string,
): Promise<number> {
  const writer = await repository.openSeries({ exchange: 'sim', symbol, interval: '1m' })
  try {
    const truth = candlesWithin(truths.get(symbol) as CandleColumns, range)
    const refused = await writer.quarantined()
    const stored = await writer.read(range)
    return truth.openTime.length - refused.length - stored.openTime.length
  } finally {
    await writer.close()
  }
}

/** Whether a venue sends an unsound row for a minute each time that it sends one. */
async function isCorruptFor(simulator: Simulator, symbol: string, openTime: number) {
  const url = `${simulator.url}/api/v3/klines?symbol=${symbol}&interval=1m&startTime=${openTime}&endTime=${openTime}`
  let answers = 0
  for (let tries = 0; tries < 200 && answers < 10; tries++) {
    const rows: readonly unknown[] = await fetch(url, { signal: AbortSignal.timeout(1_000) })
      .then(async (reply) => (reply.ok ? ((await reply.json()) as unknown[]) : []))
      .catch(() => [])
    for (const row of rows) {
      if (!Array.isArray(row)) continue
      const values = row.slice(1, 6).map(Number)
      if (isSound(values as never)) return false
      answers++
    }
  }
  return answers > 0
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
  return ranges.reduce((sum, range) => sum + minutesOf(range), 0)
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
