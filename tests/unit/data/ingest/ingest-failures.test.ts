import { describe, expect, test } from 'bun:test'
import { ConnectivityError, PlatformError } from '../../../../src/core/errors.ts'
import { ingest } from '../../../../src/data/ingest/ingest.ts'
import type { CandleRepository } from '../../../../src/data/repository.ts'
import { memoryRepository } from '../../../support/memory-repository.ts'
import { type Script, scriptedExchange } from '../../../support/scripted-exchange.ts'

import {
  asked,
  contextOf,
  RETRY_AFTER,
  request,
  rows,
  run,
  START,
  slot,
  unreachable,
} from './ingest-fixture.ts'

describe('failures', () => {
  test('repeats what failed for a passing reason', async () => {
    const failures: unknown[] = []
    const { report, error } = await run(
      {
        rows: rows(0, 20),
        venueMs: slot(20.5),
        answer: (answer, call) => {
          if (call % 2 === 1) throw unreachable()
          return answer
        },
      },
      { context: { onRetry: (failure) => failures.push(failure) } },
    )
    expect(error).toBeUndefined()
    expect(report.written).toBe(20)
    expect(failures).toHaveLength(2)
  })

  test('waits as long as a ban lasts', async () => {
    const waits: number[] = []
    const banned = new ConnectivityError('RATE_LIMITED', '429', RETRY_AFTER)
    const { report } = await run(
      {
        rows: rows(0, 5),
        venueMs: slot(5.5),
        answer: (answer, call) => {
          if (call === 1) throw banned
          return answer
        },
      },
      { context: { clock: { now: () => START, sleep: async (ms) => void waits.push(ms) } } },
    )
    expect(waits).toEqual([7_000])
    expect(report.written).toBe(5)
  })

  test('does not wait for a ban of more than ten minutes', async () => {
    const { error, exchange } = await run({
      rows: rows(0, 5),
      venueMs: slot(5.5),
      answer: () => {
        throw new ConnectivityError('RATE_LIMITED', '418', { context: { retryAfterMs: 600_001 } })
      },
    })
    expect(error?.message).toBe('418')
    expect(exchange.queries).toHaveLength(1)
  })

  test.each(['markets', 'serverTime'] as const)('waits as long when %s is banned', async (name) => {
    const waits: number[] = []
    const exchange = scriptedExchange({ rows: rows(0, 5), venueMs: slot(5.5) })
    let calls = 0
    const banned = async () => {
      if (++calls === 1) throw new ConnectivityError('RATE_LIMITED', '429', RETRY_AFTER)
      return (await exchange[name]()) as never
    }
    const clock = { now: () => START, sleep: async (ms: number) => void waits.push(ms) }
    await ingest(request(), contextOf({ ...exchange, [name]: banned }, { clock }))
    expect(waits).toEqual([7_000])
  })

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])(
    'a venue that is not there (%s) when the command begins is not waited for',
    async (cause) => {
      const exchange = scriptedExchange({ rows: rows(0, 5), venueMs: slot(5.5) })
      const markets = async () => {
        throw new ConnectivityError('EXCHANGE_UNREACHABLE', 'away', { context: { cause } })
      }
      const sleep = async () => {
        throw new Error('it does not wait')
      }
      const context = contextOf({ ...exchange, markets }, { clock: { now: () => START, sleep } })
      await expect(ingest(request(), context)).rejects.toThrow('away')
    },
  )

  test('says why the command waits for its first answer', async () => {
    const said: string[] = []
    const exchange = scriptedExchange({ rows: rows(0, 5), venueMs: slot(5.5) })
    let calls = 0
    const markets = async () => {
      if (++calls === 1) throw unreachable()
      return exchange.markets()
    }
    const warn = (message: string) => void said.push(message)
    await ingest(request(), contextOf({ ...exchange, markets }, { warn }))
    expect(said).toEqual([expect.stringMatching(/^reset Trying again in [\d.]+ s\.$/)])
  })

  test('a venue that stays away ends the series with what is stored, ready to go on', async () => {
    const { report, error, series } = await run({
      rows: rows(0, 30),
      venueMs: slot(30.5),
      answer: (answer, call) => {
        if (call > 2) throw unreachable()
        return answer
      },
    })
    expect(error).toMatchObject({ code: 'EXCHANGE_UNREACHABLE', exitCode: 5 })
    expect(report).toMatchObject({ written: 20, unverified: 10 })
    expect(series.coverage).toEqual([{ fromMs: slot(0), toMs: slot(20) }])
    expect(series.flushes).toBe(1)
    expect(series.isOpen).toBe(false)
  })

  describe('a store that goes away in mid-run', () => {
    const lost = () => new ConnectivityError('DATABASE_LOST', 'gone.')
    const isAway = (error: unknown) => (error as PlatformError).code === 'DATABASE_LOST'

    /** @param brokenAt the commits and openings, counted together, that fail */
    function breaking(brokenAt: (step: number) => unknown) {
      const inMemory = memoryRepository()
      let steps = 0
      const step = () => {
        const error = brokenAt(++steps)
        if (error !== undefined) throw error
      }
      const repository: CandleRepository = {
        ...inMemory,
        isAway,
        openSeries: async (key) => {
          step()
          const writer = await inMemory.openSeries(key)
          return {
            ...writer,
            commit: async (page) => {
              step()
              return await writer.commit(page)
            },
          }
        },
      }
      return { repository, series: inMemory.series('BTCUSDT') }
    }

    test('is opened again, and the run goes on with the page that was lost', async () => {
      const waits: number[] = []
      const said: string[] = []
      const clock = { now: () => START, sleep: async (ms: number) => void waits.push(ms) }
      // The second commit; the next opening; then another process seems to have the series.
      const broken = [undefined, undefined, undefined, lost(), lost(), busy()]
      const { repository, series } = breaking((step) => broken[step])
      const exchange = scriptedExchange({ rows: rows(0, 30), venueMs: slot(30.5) })
      const warn = (message: string) => void said.push(message)
      const context = contextOf(exchange, { repository, clock, warn })
      const [result] = await ingest(request({ recheckCandles: 0 }), context)
      expect(result?.error).toBeUndefined()
      expect(result?.report).toMatchObject({ written: 30, pages: 4, unverified: 0 })
      expect(asked(exchange)).toEqual([
        [0, 10],
        [10, 20],
        [10, 20],
        [20, 30],
      ])
      expect(series.coverage).toEqual([{ fromMs: slot(0), toMs: slot(30) }])
      expect(waits).toEqual([1_000, 2_000, 4_000])
      expect(said[0]).toBe('gone. Going on in 1 s.')
    })

    test('for good is the error, with what was stored before', async () => {
      const { repository } = breaking((step) => (step < 3 ? undefined : lost()))
      const exchange = scriptedExchange({ rows: rows(0, 30), venueMs: slot(30.5) })
      const [result] = await ingest(request(), contextOf(exchange, { repository }))
      expect(result?.error).toMatchObject({ code: 'DATABASE_LOST', exitCode: 5 })
      expect(result?.report).toMatchObject({ written: 10 })
    })

    test('is not waited for when the series is simply in use', async () => {
      const { repository } = breaking(() => busy())
      const exchange = scriptedExchange({ rows: rows(0, 30), venueMs: slot(30.5) })
      const sleep = async () => {
        throw new Error('it does not wait')
      }
      const clock = { now: () => START, sleep }
      const [result] = await ingest(request(), contextOf(exchange, { repository, clock }))
      expect(result?.error?.code).toBe('SERIES_BUSY')
    })

    function busy() {
      return new PlatformError('SERIES_BUSY', 'in use')
    }
  })

  test('a disk that is full as well does not hide that the venue stayed away', async () => {
    const inMemory = memoryRepository()
    const repository: CandleRepository = {
      ...inMemory,
      openSeries: async (key) => ({
        ...(await inMemory.openSeries(key)),
        flush: async () => {
          throw new PlatformError('DISK_FULL', 'full')
        },
      }),
    }
    const exchange = scriptedExchange({
      rows: [],
      venueMs: slot(5.5),
      answer: () => {
        throw unreachable()
      },
    })
    const [result] = await ingest(request(), contextOf(exchange, { repository }))
    expect(result?.error?.code).toBe('EXCHANGE_UNREACHABLE')
  })

  test('a refusal is not repeated', async () => {
    const { error, exchange } = await run({
      rows: [],
      venueMs: slot(5.5),
      answer: () => {
        throw new PlatformError('VENUE', 'no')
      },
    })
    expect(error?.code).toBe('VENUE')
    expect(exchange.queries).toHaveLength(1)
  })

  test('a series that fails does not keep the others from ending', async () => {
    const exchange = scriptedExchange({
      rows: rows(0, 5),
      venueMs: slot(5.5),
      answer: (answer, _, { symbol }) => {
        if (symbol === 'BTCUSDT') throw unreachable()
        return answer
      },
    })
    const both = request({ symbols: ['BTCUSDT', 'ETHUSDT'] })
    const results = await ingest(both, contextOf(exchange))
    expect(results.map(({ error }) => error?.code)).toEqual(['EXCHANGE_UNREACHABLE', undefined])
    expect(results[1]?.report.written).toBe(5)
  })

  test('Ctrl-C ends after the page under way; the rest is said to be missing', async () => {
    const stop = new AbortController()
    const { report, error, series } = await run(
      {
        rows: rows(0, 30),
        venueMs: slot(30.5),
        answer: (answer, call) => {
          if (call === 2) stop.abort(new Error('stopped'))
          return answer
        },
      },
      { context: { signal: stop.signal } },
    )
    expect(error).toBeUndefined()
    expect(report).toMatchObject({ written: 20, unverified: 10 })
    expect(series.flushes).toBe(1)
  })

  test('bugs are not taken for the weather', async () => {
    const script: Script = {
      rows: [],
      venueMs: slot(5.5),
      answer: () => {
        throw new TypeError('undefined is not a function')
      },
    }
    expect(run(script)).rejects.toThrow(TypeError)
  })

  test('a series that somebody else writes is refused', async () => {
    const repository = memoryRepository()
    await repository.openSeries({ exchange: 'scripted', symbol: 'BTCUSDT', interval: '1m' })
    const exchange = scriptedExchange({ rows: rows(0, 5), venueMs: slot(5.5) })
    const [result] = await ingest(request(), contextOf(exchange, { repository }))
    expect(result?.error?.code).toBe('SERIES_BUSY')
    expect(exchange.queries).toEqual([])
  })
})
