import { describe, expect, test } from 'bun:test'
import { crypto, fakeApp } from './harness.ts'

describe('data sync', () => {
  test('asks for the series that the options name and reports months', async () => {
    const { out, code, app } = await crypto(
      'data sync --symbol BTCUSDT,ETHUSDT --interval 1h --exchange binance',
    )
    expect(app.requests).toEqual([
      {
        exchange: 'binance',
        symbols: ['BTCUSDT', 'ETHUSDT'],
        intervals: ['1h'],
        onSeries: expect.any(Function),
      },
    ])
    expect(out).toContain('2 months')
    expect(out).toContain('86,400')
    // A month of the lake's own that differs is for the user to decide.
    expect(out).toContain('1 month of the lake (2023-11) did not come from')
    expect(code).toBe(3)
  })

  test('an empty database is no error', async () => {
    const data = await (await fakeApp().create({} as never)).data()
    const app = fakeApp({ data: async () => ({ ...data, sync: async () => [] }) })
    const { out, code } = await crypto('data sync', { app })
    expect(out).toContain('no candles are stored')
    expect(code).toBe(0)
  })
})
