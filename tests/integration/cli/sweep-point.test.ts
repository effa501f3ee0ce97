import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { openServices } from './services.ts'

setDefaultTimeout(60_000)

const services = openServices()
afterAll(() => services.close())

async function runPoint(params: Record<string, number>) {
  const backtests = await services.backtests()
  return backtests.run({ point: { sweep: 'btc_sma_grid', params } })
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

  test('without all its parameters is refused', async () => {
    const run = runPoint({ fast_period: 10 })
    expect(run).rejects.toMatchObject({ code: 'PARAM_MISSING', exitCode: 2 })
    await run.catch(() => {})
  })
})
