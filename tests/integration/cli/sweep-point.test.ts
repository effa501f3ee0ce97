import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { MarketChoice } from '../../../src/config/index.ts'
import { openApp } from './open-app.ts'

setDefaultTimeout(60_000)

const app = openApp()
afterAll(() => app.close())

async function runPoint(params: Record<string, number>, market: MarketChoice = {}) {
  const backtests = await app.backtests()
  return backtests.run({ what: { sweep: 'btc_sma_grid', params }, market })
}

describe('one point of a sweep', () => {
  test('that is on the grid needs no warning', async () => {
    const { rows, warnings } = await runPoint({ fast_period: 10, slow_period: 50 })
    expect(warnings).toEqual([])
    expect(rows[0]?.params).toEqual({ fast_period: 10, slow_period: 50 })
  })

  test('that is off the grid has a warning, and all the history it needs', async () => {
    const inside = await runPoint({ fast_period: 10, slow_period: 50 })
    const { rows, warnings } = await runPoint({ fast_period: 10, slow_period: 6_000 })
    expect(warnings.map(({ code }) => code)).toEqual(['NOT_IN_SWEEP'])
    expect(warnings[0]?.message).toContain('slow_period=6000 is not one of its values')
    expect(rows[0]?.firstMs).toBeGreaterThan(inside.rows[0]?.firstMs as number)
  })

  test('runs on other candles when they are named, and says so', async () => {
    const params = { fast_period: 10, slow_period: 50 }
    const { rows, warnings } = await runPoint(params, { symbols: ['ETHUSDT'] })
    expect(rows[0]?.symbol).toBe('ETHUSDT')
    expect(warnings.map(({ code }) => code)).toEqual(['OTHER_DATA'])
    const fromMs = Date.UTC(2024, 5, 1)
    const later = await runPoint(params, { fromMs })
    expect(later.rows[0]?.firstMs).toBe(fromMs)
  })

  test('without all its parameters is refused', async () => {
    const run = runPoint({ fast_period: 10 })
    expect(run).rejects.toMatchObject({ code: 'PARAM_MISSING', exitCode: 2 })
    await run.catch(() => {})
  })
})
