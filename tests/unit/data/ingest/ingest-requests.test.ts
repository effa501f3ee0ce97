import { describe, expect, test } from 'bun:test'
import { ingest, planIngest } from '../../../../src/data/ingest/ingest.ts'
import type { SeriesContext } from '../../../../src/data/ingest/ingest-series.ts'
import { scriptedExchange, toColumns } from '../../../support/scripted-exchange.ts'

import { contextOf, request, rows, slot } from './ingest-fixture.ts'

describe('requests', () => {
  const exchange = scriptedExchange({ rows: rows(0, 50), venueMs: slot(50.5) })

  test('names unknown symbols, with the nearest known ones', async () => {
    const unknown = ingest(request({ symbols: ['BTCUSD', 'ETHUSDT'] }), contextOf(exchange))
    await expect(unknown).rejects.toMatchObject({ code: 'UNKNOWN_SYMBOL', exitCode: 2 })
    await expect(unknown).rejects.toThrow("'BTCUSD' not found. Did you mean 'BTCUSDT'?")
  })

  test('refuses an interval that the venue does not have', async () => {
    const unknown = ingest(request({ interval: '7m' }), contextOf(exchange))
    await expect(unknown).rejects.toMatchObject({ code: 'UNKNOWN_INTERVAL', exitCode: 2 })
  })

  const several = { ...exchange, intervals: ['1h', '3m', '30m', '1w'] }

  test.each([
    ['60m', '1h'],
    ['7d', '1w'],
    ['1x', '1h'],
  ])('suggests for the interval %s the one that is meant: %s', async (interval, meant) => {
    const refused = ingest(request({ interval }), contextOf(several))
    await expect(refused).rejects.toThrow(`${interval}. Did you mean '${meant}'?`)
  })

  test.each(['3d', '120m'])('suggests none of another length for %s', async (interval) => {
    const refused = ingest(request({ interval }), contextOf(several))
    await expect(refused).rejects.toThrow(`${interval}. It has 1h, 3m, 30m, 1w;`)
  })

  test('a dry run says what would be fetched and stores nothing', async () => {
    const context = contextOf(exchange)
    const [plan] = await planIngest(request(), context)
    expect(plan).toMatchObject({ candles: 50, pages: 5, range: { fromMs: slot(0) } })
    expect(exchange.queries).toEqual([])
    const writer = await context.repository.openSeries(plan?.key as never)
    expect(await writer.coverage()).toEqual([])
  })

  test('a dry run beside a run of the same series says what is left', async () => {
    const context = contextOf(exchange)
    const key = { exchange: 'scripted', symbol: 'BTCUSDT', interval: '1m' }
    const writer = await context.repository.openSeries(key)
    const range = { fromMs: slot(0), toMs: slot(30) }
    await writer.commit({ range, candles: toColumns(rows(0, 30)), holes: [], quarantined: [] })
    const [plan] = await planIngest(request({ recheckCandles: 0 }), context)
    expect(plan).toMatchObject({ candles: 20, pages: 2 })
  })

  test('progress counts settled slots up to all of them', async () => {
    const seen: (readonly [number, number])[] = []
    const onProgress: SeriesContext['onProgress'] = ({ done, total }) => seen.push([done, total])
    await ingest(request(), contextOf(exchange, { onProgress }))
    expect(seen).toEqual([0, 10, 20, 30, 40, 50].map((done) => [done, 50]))
  })
})
