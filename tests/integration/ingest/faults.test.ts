import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CandleColumns } from '../../../src/core/candles.ts'
import { hashColumns } from '../../../src/data/columns.ts'
import { createLocalRepository } from '../../../src/data/local/local-repository.ts'
import { createLocalStore } from '../../../src/data/local/local-store.ts'
import { candlesWithin } from '../../../src/data/overlay.ts'
import type { Simulator } from '../../../src/simulator/index.ts'
import { startSimulator } from '../../support/simulator.ts'
import { walkCandles, xorshift } from '../../support/walk.ts'
import { finishIngest, type IngestProcess, killRepeatedly, writeConfig } from './killed.ts'

setDefaultTimeout(400_000)

const MINUTE = 60_000
const FROM = Date.UTC(2023, 0, 1)
const YEAR_END = Date.UTC(2024, 0, 1)
/** The venue's clock while the processes are killed, and the end of its records. */
const NOW = YEAR_END + 30_000
const LATER = YEAR_END + 120 * MINUTE
const SYMBOLS = ['BTCUSDT', 'ETHUSDT']
const KILLS = 200
const PAGE = 1_000

/** Single minutes, and an outage of half an hour, that the venue never had. */
const isMissing = (index: number) => index % 30_011 === 7 || (index >= 200_000 && index < 200_030)

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
  { kind: 'missing_rows', probability: 0.05, rows: 5 },
  { kind: 'duplicate_rows', probability: 0.05, rows: 5 },
  { kind: 'unsorted_rows', probability: 0.05, rows: 5 },
  { kind: 'invalid_rows', probability: 0.05, rows: 3 },
  { kind: 'corrupt_candles', probability: 0.00001 },
  { kind: 'late_corrections', probability: 0.5, settle_seconds: 300 },
]

const truths = new Map(
  SYMBOLS.map((symbol, seed) => [
    symbol,
    walkCandles({ fromMs: FROM, toMs: LATER, stepMs: MINUTE, seed: seed + 11, isMissing }),
  ]),
)
const folder = mkdtempSync(join(tmpdir(), 'crypto-killed-'))
let simulator: Simulator
let options: IngestProcess

beforeAll(async () => {
  const candles = Object.fromEntries(
    [...truths].map(([symbol, columns]) => [symbol, { '1m': columns }]),
  )
  simulator = await startSimulator({ now: NOW, candles, faults: FAULTS, seed: 5 })
  writeConfig(folder, simulator.url)
  options = { folder, simulator, symbols: SYMBOLS, from: '2023-01-01' }
})
afterAll(async () => {
  await simulator.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe(`a year of minutes from a venue with every fault, killed ${KILLS} times`, () => {
  test('ends with the truth, all of it, and with every hole known', async () => {
    await killRepeatedly(options, { kills: KILLS, random: xorshift(77) })
    const pagesWhileKilled = fullPages(simulator.requests())
    await finishIngest(options)
    const pages = fullPages(simulator.requests())
    for (const symbol of SYMBOLS) {
      // At most the page under way is repeated; the ten candles that are read again move the borders of pages.
      const needed = Math.ceil((YEAR_END - FROM) / MINUTE / PAGE)
      expect(pages.get(symbol) ?? 0).toBeGreaterThanOrEqual(needed)
      expect(pagesWhileKilled.get(symbol) ?? 0).toBeLessThanOrEqual(
        needed + KILLS + KILLS / 100 + 2,
      )
    }

    // The last candles of the year were read before the venue had corrected them.
    await simulator.advance(10 * MINUTE)
    const reports = await finishIngest(options, '--repair')
    for (const symbol of SYMBOLS) {
      const report = reports.find((one) => one.symbol === symbol)
      await checkSeries(symbol, truths.get(symbol) as CandleColumns, report as never)
    }
    // Long after its end the venue corrects nothing any more: a further run has nothing to write.
    await simulator.advance(60 * MINUTE)
    await finishIngest(options)
    for (const one of await finishIngest(options)) {
      expect(one).toMatchObject({ written: 0, unverified: 0 })
    }
  })
})

/** Compares what is stored, missing and refused with what the venue has. */
async function checkSeries(
  symbol: string,
  truth: CandleColumns,
  report: { readonly holes: number; readonly quarantined: number; readonly unverified: number },
): Promise<void> {
  const key = { exchange: 'sim', symbol, interval: '1m' }
  const range = { fromMs: FROM, toMs: YEAR_END }
  const repository = createLocalRepository({ lake: join(folder, 'lake') })
  const writer = await repository.openSeries(key)
  const refused = new Set((await writer.quarantined()).map(({ openTime }) => openTime))
  const holes = await writer.holes(range)
  expect(await writer.coverage()).toEqual([{ fromMs: FROM, toMs: YEAR_END + 10 * MINUTE }])
  await writer.close()
  await repository.close()

  const expected = without(candlesWithin(truth, range), refused)
  const store = createLocalStore({ lake: join(folder, 'lake') })
  const stored = await store.readCandles({ ...key, ...range })
  store.close()
  expect(stored.openTime.length).toBe(expected.openTime.length)
  expect(stored.hash).toBe(hashColumns(expected))

  const slots = (range.toMs - range.fromMs) / MINUTE
  const missing = holes.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / MINUTE, 0)
  expect(stored.openTime.length + missing).toBe(slots)
  const byQuarantine = holes.filter(({ cause }) => cause === 'quarantine')
  const bad = byQuarantine.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / MINUTE, 0)
  expect(report.unverified).toBe(0)
  expect(report.holes).toBeGreaterThanOrEqual(missing)
  expect(bad).toBeGreaterThan(0)
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

const LOST = new Set(['reset', 'truncated', 'stalled', 'server_error', 'rate_limited'])

/** Whole pages that reached a client, by symbol. */
function fullPages(requests: ReturnType<Simulator['requests']>): ReadonlyMap<string, number> {
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
