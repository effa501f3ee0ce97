import { expect, test } from 'bun:test'
import type { ArchiveSource } from '../../../../src/data/ingest/archive-pages.ts'
import { follow } from '../../../../src/data/ingest/follow.ts'
import { memoryRepository } from '../../../support/memory-repository.ts'
import { type Row, scriptedExchange } from '../../../support/scripted-exchange.ts'

const MINUTE = 60_000
const START = Date.UTC(2024, 0, 1)
const rows = Array.from({ length: 50 }, (_, i): Row => [START + i * MINUTE, 5, 6, 4, 5, i + 1])

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
    {
      symbols: ['BTCUSDT'],
      interval: '1m',
      period: { fromMs: START },
      repair: false,
      recheckCandles: 2,
      symbolsParallel: 1,
      archive,
    },
    {
      exchange,
      repository,
      clock: { now: () => script.venueMs, sleep: async () => {} },
      random: () => 0.5,
      elapsed: () => 0,
      policy: { retries: 0, delayMs: 1, delayMsMax: 1 },
      onProgress: () => {},
      warn: () => {},
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
