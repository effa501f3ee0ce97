import { expect, test } from 'bun:test'
import { ConfigError, ConnectivityError, PlatformError } from '../../../../src/core/errors.ts'
import { follow } from '../../../../src/data/ingest/follow.ts'
import type { CandleRepository, SeriesWriter } from '../../../../src/data/repository.ts'
import { memoryRepository } from '../../../support/memory-repository.ts'
import { type Row, scriptedExchange } from '../../../support/scripted-exchange.ts'

const MINUTE = 60_000
const START = Date.UTC(2024, 0, 1)
const rows = Array.from({ length: 50 }, (_, i): Row => [START + i * MINUTE, 5, 6, 4, 5, i + 1])

const REQUEST = {
  symbols: ['ETHUSDT', 'BTCUSDT'],
  interval: '1m',
  period: { fromMs: START },
  repair: false,
  recheckCandles: 2,
  symbolsParallel: 2,
}

interface Trouble {
  /** Runs before each page of BTCUSDT is asked for. */
  readonly onQuery?: () => void
  /** Runs before each page of BTCUSDT is stored. */
  readonly onCommit?: () => void
  /** Runs before each page of ETHUSDT is asked for. */
  readonly onOtherQuery?: () => void
}

/** Runs `onCommit` before each page of BTCUSDT is stored. */
function troubled(repository: CandleRepository, onCommit: () => void): CandleRepository {
  return {
    ...repository,
    async openSeries(key, options) {
      const writer: SeriesWriter = await repository.openSeries(key, options)
      if (key.symbol !== 'BTCUSDT') return writer
      return {
        ...writer,
        commit: async (page) => {
          onCommit()
          return await writer.commit(page)
        },
      }
    },
  }
}

/** What a follower ends with, and how many rounds had results. It is stopped after five, where it would go on for ever. */
async function endOf({ onQuery, onCommit = () => {}, onOtherQuery }: Trouble) {
  let nowMs = START + 20 * MINUTE + 30_000
  const exchange = {
    ...scriptedExchange({
      rows,
      venueMs: nowMs,
      answer: (found, _, { symbol }) => {
        if (symbol === 'BTCUSDT') onQuery?.()
        else onOtherQuery?.()
        return found
      },
    }),
    serverTime: async () => nowMs as never,
  }
  const stop = new AbortController()
  let rounds = 0
  const sleep = async (ms: number) => {
    nowMs += ms
    await Bun.sleep(0)
  }
  const context = {
    exchange,
    repository: troubled(memoryRepository(), onCommit),
    clock: { now: () => nowMs, sleep },
    random: () => 0.5,
    elapsed: () => 0,
    policy: { retries: 0, delayMs: 1, delayMsMax: 1 },
    onProgress: () => {},
    warn: () => {},
    signal: stop.signal,
  }
  const onRound = () => {
    if (++rounds === 5) stop.abort()
  }
  const error = await follow(REQUEST, context, onRound).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { error, rounds }
}

/** Goes well for a while, then fails with the error for good. */
function failsFrom(call: number, error: Error): () => void {
  let calls = 0
  return () => {
    if (++calls >= call) throw error
  }
}

test('a disk that is full ends it at once, though another series goes on well', async () => {
  const full = new PlatformError('DISK_FULL', 'There is no room for the lake.')
  expect(await endOf({ onCommit: failsFrom(1, full) })).toEqual({ error: full, rounds: 1 })
})

test('what the configuration has to answer for ends it at once', async () => {
  const wrong = new ConfigError('UNKNOWN_SYMBOL', 'BTCUSDT is not listed any more.')
  expect(await endOf({ onQuery: failsFrom(1, wrong) })).toEqual({ error: wrong, rounds: 1 })
})

test('a bug ends it, and is not taken for a venue that is away', async () => {
  const bug = new TypeError('undefined is not a function')
  expect(await endOf({ onCommit: failsFrom(1, bug) })).toEqual({ error: bug, rounds: 0 })
  expect(await endOf({ onQuery: failsFrom(1, bug) })).toEqual({ error: bug, rounds: 0 })
})

test('a lasting error ends it also after rounds that went well', async () => {
  const full = new PlatformError('DISK_FULL', 'There is no room for the lake.')
  expect(await endOf({ onCommit: failsFrom(4, full) })).toEqual({ error: full, rounds: 3 })
})

test('a lasting error of one series ends it while the venue is away for another', async () => {
  const full = new PlatformError('DISK_FULL', 'There is no room for the lake.')
  const away = new ConnectivityError('EXCHANGE_TIMEOUT', 'The venue is silent.')
  const trouble = { onCommit: failsFrom(1, full), onOtherQuery: failsFrom(1, away) }
  expect(await endOf(trouble)).toEqual({ error: full, rounds: 1 })
})
