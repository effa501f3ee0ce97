import { expect, test } from 'bun:test'
import { ConnectivityError } from '../../../../src/core/errors.ts'
import type { ArchiveSource } from '../../../../src/data/ingest/archive-pages.ts'
import { follow } from '../../../../src/data/ingest/follow.ts'
import type { CandleUpdate } from '../../../../src/exchanges/exchange.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { memoryRepository } from '../../../support/memory-repository.ts'
import { type Row, scriptedExchange } from '../../../support/scripted-exchange.ts'

const MINUTE = 60_000
const START = Date.UTC(2024, 0, 1)
const rows = Array.from({ length: 50 }, (_, i): Row => [START + i * MINUTE, 5, 6, 4, 5, i + 1])

const REQUEST = {
  symbols: ['BTCUSDT'],
  interval: '1m',
  period: { fromMs: START },
  repair: false,
  recheckCandles: 2,
  symbolsParallel: 1,
}
const QUIET = {
  random: () => 0.5,
  elapsed: () => 0,
  policy: { retries: 0, delayMs: 1, delayMsMax: 1 },
  onProgress: () => {},
  warn: () => {},
}

test('an archive is read by the first round only: it never has the candle that has just closed', async () => {
  const script = { rows, venueMs: START + 20.5 * MINUTE }
  const exchange = { ...scriptedExchange(script), serverTime: async () => script.venueMs as never }
  const repository = memoryRepository()
  const read: (readonly number[])[] = []
  const archive: ArchiveSource = {
    async *read({ ranges }) {
      read.push(...ranges.map(({ fromMs, toMs }) => [fromMs, toMs]))
      yield { problem: 'unreachable', message: 'the archive is left aside' }
    },
  }
  const stop = new AbortController()
  let rounds = 0
  await follow(
    { ...REQUEST, archive },
    {
      ...QUIET,
      exchange,
      repository,
      clock: { now: () => script.venueMs, sleep: async () => {} },
      signal: stop.signal,
    },
    () => {
      script.venueMs += MINUTE
      if (++rounds === 3) stop.abort()
    },
  )
  expect(read).toEqual([[START, START + 20 * MINUTE]])
  expect(repository.series('BTCUSDT').rows.size).toBe(22)
})

/** Lets the others work until something is so, at most so many times; `turn` runs before each further look. */
async function until(isSo: () => boolean, turnsMax: number, turn = () => {}): Promise<void> {
  for (let turns = 0; turns < turnsMax && !isSo(); turns++) {
    turn()
    await Bun.sleep(2)
  }
}

/** A follower whose venue tells of a candle when `tell` is called; by its own clock the candle lasts for another 50 s. */
function followStream() {
  const clock = new ManualClock(START + 20 * MINUTE + 10_000)
  const script = { rows, venueMs: START + 20.5 * MINUTE }
  const updates: ((update: CandleUpdate) => void)[] = []
  const exchange = {
    ...scriptedExchange(script),
    serverTime: async () => script.venueMs as never,
    async *watchCandles() {
      for (;;) yield await new Promise<CandleUpdate>((resolve) => updates.push(resolve))
    },
  }
  const repository = memoryRepository()
  const stop = new AbortController()
  let rounds = 0
  const context = { ...QUIET, exchange, repository, clock, signal: stop.signal }
  const ended = follow(REQUEST, context, () => void rounds++)
  return {
    clock,
    script,
    rounds: () => rounds,
    stored: () => repository.series('BTCUSDT').rows.size,
    tell: (isClosed: boolean) => updates.shift()?.({ isClosed } as CandleUpdate),
    end: async () => {
      stop.abort()
      await ended
    },
  }
}

test('a candle is stored soon after the stream says that it closed, whatever the own clock says', async () => {
  const follower = followStream()
  await until(() => follower.rounds() === 1, 500)
  expect([follower.rounds(), follower.stored()]).toEqual([1, 20])
  follower.script.venueMs = START + 21 * MINUTE + 1_500
  follower.tell(true)
  await until(
    () => follower.rounds() === 2,
    200,
    () => follower.clock.pass(100),
  )
  expect([follower.rounds(), follower.stored()]).toEqual([2, 21])
  await follower.end()
})

test('an update of a candle that still forms starts nothing', async () => {
  const follower = followStream()
  await until(() => follower.rounds() === 1, 500)
  follower.tell(false)
  await until(
    () => follower.rounds() === 2,
    100,
    () => follower.clock.pass(100),
  )
  expect(follower.rounds()).toBe(1)
  await follower.end()
})

test('a ban that lasts for hours is outlived, by trying again after a while', async () => {
  const clock = new ManualClock(START)
  const script = { rows, venueMs: START + 20.5 * MINUTE }
  let bans = 2
  const exchange = {
    ...scriptedExchange(script),
    serverTime: async () => {
      if (bans-- <= 0) return script.venueMs as never
      const context = { retryAfterMs: 7_200_000 }
      throw new ConnectivityError('RATE_LIMITED', 'The venue takes nothing.', { context })
    },
  }
  const repository = memoryRepository()
  const stop = new AbortController()
  const context = { ...QUIET, exchange, repository, clock, signal: stop.signal }
  const ended = follow(REQUEST, context, () => stop.abort())
  await until(
    () => stop.signal.aborted,
    500,
    () => clock.pass(100),
  )
  await ended
  expect(repository.series('BTCUSDT').rows.size).toBe(20)
})

test('a candle that the venue publishes some seconds late is not late by another whole candle', async () => {
  let nowMs = START + 20 * MINUTE + 30_000
  const sleep = async (ms: number) => {
    nowMs += Math.max(1, ms)
    await Bun.sleep(0)
  }
  const exchange = {
    ...scriptedExchange({
      rows,
      venueMs: nowMs,
      answer: (found) => found.filter(([openTime]) => openTime + MINUTE + 6_000 <= nowMs),
    }),
    serverTime: async () => nowMs as never,
  }
  const repository = memoryRepository()
  const { rows: stored } = repository.series('BTCUSDT')
  const storedAt = new Map<number, number>()
  const stop = new AbortController()
  const context = { ...QUIET, exchange, repository, clock: { now: () => nowMs, sleep } }
  await follow(REQUEST, { ...context, signal: stop.signal }, () => {
    const count = stored.size
    if (!storedAt.has(count)) storedAt.set(count, nowMs - START - count * MINUTE)
    if (count === 23) stop.abort()
  })
  for (const count of [21, 22, 23]) {
    expect(storedAt.get(count)).toBeGreaterThanOrEqual(6_000)
    expect(storedAt.get(count)).toBeLessThan(10_000)
  }
})

test('a candle that the venue never has is asked for a few times, and then the next one', async () => {
  let nowMs = START + 20 * MINUTE + 30_000
  const waits: number[] = []
  const sleep = async (ms: number) => {
    waits.push(ms)
    nowMs += Math.max(1, ms)
    await Bun.sleep(0)
  }
  const exchange = {
    ...scriptedExchange({ rows: rows.slice(0, 20), venueMs: nowMs }),
    serverTime: async () => nowMs as never,
  }
  const stop = new AbortController()
  const clock = { now: () => nowMs, sleep }
  const context = { ...QUIET, exchange, repository: memoryRepository(), clock, signal: stop.signal }
  await follow(REQUEST, context, () => {
    if (nowMs > START + 22 * MINUTE) stop.abort()
  })
  const late = [2_000, 5_000, 10_000, 20_000]
  expect(waits.filter((ms) => late.includes(ms))).toEqual(late)
})

test.each([
  ['1d', -1_000],
  ['1d', 1_000],
  ['1w', 0],
  ['1w', -3_600_000],
])(
  'a candle of %s is read soon after it closed, by a clock that is %d ms ahead of the exchange',
  async (interval, aheadMs) => {
    const monday = Date.UTC(2024, 0, 1)
    const ms = interval === '1w' ? 7 * 86_400_000 : 86_400_000
    const candles = Array.from({ length: 10 }, (_, i): Row => [monday + i * ms, 5, 6, 4, 5, i + 1])
    let venueMs = monday + 4 * ms + 60_000
    const sleep = async (waitMs: number) => {
      venueMs += Math.max(1, waitMs)
      await Bun.sleep(0)
    }
    const exchange = {
      ...scriptedExchange({ rows: candles, venueMs }),
      intervals: [interval],
      serverTime: async () => venueMs as never,
      simulatedTime: () => venueMs as never,
    }
    const repository = memoryRepository()
    const { rows: stored } = repository.series('BTCUSDT')
    const lateness = new Map<number, number>()
    const stop = new AbortController()
    const clock = { now: () => venueMs + aheadMs, sleep }
    const request = { ...REQUEST, interval, period: { fromMs: monday } }
    await follow(request, { ...QUIET, exchange, repository, clock, signal: stop.signal }, () => {
      if (!lateness.has(stored.size)) lateness.set(stored.size, venueMs - monday - stored.size * ms)
      if (stored.size === 7) stop.abort()
    })
    for (const count of [5, 6, 7]) expect(lateness.get(count)).toBeWithin(1_000, 10_000)
  },
)
