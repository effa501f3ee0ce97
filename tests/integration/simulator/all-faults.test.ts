import { expect, setDefaultTimeout, test } from 'bun:test'
import type { Simulator } from '../../../src/simulator/index.ts'
import { columnsOf } from '../../support/candles.ts'
import { startSimulator } from '../../support/simulator.ts'

setDefaultTimeout(60_000)

const MINUTE = 60_000
const START = Date.UTC(2024, 0, 1)
const COUNT = 20_000
const HOLE = { from: '2024-01-05T03:00:00Z', to: '2024-01-05T05:30:00Z' }
const CORRUPT = { from: '2024-01-08', to: '2024-01-08T00:10:00Z' }

const EVERYTHING = [
  { kind: 'latency', probability: 0.2, max_ms: 5 },
  { kind: 'reset', probability: 0.05 },
  { kind: 'reset', probability: 0.05, at: 'in_body' },
  { kind: 'truncated', probability: 0.05 },
  { kind: 'truncated', probability: 0.05, content_length: 'honest' },
  { kind: 'stalled', probability: 0.03 },
  { kind: 'server_error', probability: 0.05 },
  { kind: 'server_error', probability: 0.05, status: 502, body: 'html' },
  { kind: 'rate_limited', probability: 0.05, requests: 2, retry_after_seconds: 0 },
  { kind: 'missing_rows', probability: 0.3, rows: 20 },
  { kind: 'duplicate_rows', probability: 0.3, rows: 5 },
  { kind: 'unsorted_rows', probability: 0.3, rows: 5 },
  { kind: 'invalid_rows', probability: 0.3, rows: 5 },
  { kind: 'late_corrections', settle_seconds: 600 },
  { kind: 'holes', ...HOLE },
  { kind: 'corrupt_candles', ...CORRUPT },
]

function candle(i: number) {
  const open = 100 + (i % 977) / 8
  const close = 100 + ((i + 1) % 977) / 8
  return {
    openTime: START + i * MINUTE,
    open,
    close,
    high: Math.max(open, close) + 0.25,
    low: Math.min(open, close) - 0.25,
    volume: 10 + (i % 31),
  }
}

test('a client that checks and asks again ends up with the truth, without what the exchange lacks', async () => {
  const truth = Array.from({ length: COUNT }, (_, i) => candle(i))
  const simulator = await startSimulator({
    now: START + (COUNT + 60) * MINUTE,
    candles: { BTCUSDT: { '1m': columnsOf(truth) } },
    faults: EVERYTHING,
    seed: 5,
  })
  const collected = new Map<number, readonly number[]>()
  for (let from = START; from < START + COUNT * MINUTE; from += 1000 * MINUTE) {
    // As often as it takes, and three times more: what never comes is a hole.
    for (let quiet = 0; quiet < 3; ) {
      const before = collected.size
      for (const row of await page(simulator, from)) collected.set(row[0] as number, row)
      quiet = collected.size === before ? quiet + 1 : 0
    }
  }
  const { faults } = simulator.stats()
  await simulator.stop()

  const lacks = [HOLE, CORRUPT].map(({ from, to }) => [Date.parse(from), Date.parse(to)] as const)
  const expected = truth
    .filter(({ openTime: time }) => !lacks.some(([from = 0, to = 0]) => from <= time && time < to))
    .map(({ openTime, open, high, low, close, volume }) => [
      openTime,
      open,
      high,
      low,
      close,
      volume,
    ])
  expect(expected.length).toBe(COUNT - 150 - 10)
  expect([...collected.values()].sort(([a = 0], [b = 0]) => a - b)).toEqual(expected)
  const happened = EVERYTHING.slice(0, 13).map(({ kind }) => kind)
  expect(Object.keys(faults).sort()).toEqual([...new Set(happened)].sort())
})

/** The sound rows of a page, repeated until one arrives. */
async function page(simulator: Simulator, from: number): Promise<readonly (readonly number[])[]> {
  const query = `symbol=BTCUSDT&interval=1m&limit=1000&startTime=${from}&endTime=${from + 999 * MINUTE}`
  for (;;) {
    try {
      const reply = await fetch(`${simulator.url}/api/v3/klines?${query}`, {
        headers: { Connection: 'close' },
        signal: AbortSignal.timeout(150),
      })
      const rows: readonly (readonly unknown[])[] = JSON.parse(await reply.text())
      if (reply.ok) return rows.filter(isSound).map((row) => row.slice(0, 6).map(Number))
    } catch {
      // Broken on the way: asked for again.
    }
  }
}

function isSound(row: readonly unknown[]): boolean {
  const [time, ...text] = row.slice(0, 6)
  const isComplete = row.length === 12 && text.every((value) => typeof value === 'string' && value)
  const [open = 0, high = 0, low = 0, close = 0, volume = -1] = text.map(Number)
  return (
    isComplete &&
    Number.isInteger(time) &&
    Number(time) % MINUTE === 0 &&
    [open, high, low, close, volume].every(Number.isFinite) &&
    low > 0 &&
    low <= Math.min(open, close) &&
    high >= Math.max(open, close) &&
    volume >= 0
  )
}
