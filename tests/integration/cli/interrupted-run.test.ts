import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { RunRequest } from '../../../src/app/backtest/run-backtest.ts'
import { openApp } from './open-app.ts'

setDefaultTimeout(60_000)

const WHOLE: RunRequest = { what: { backtest: 'multi_asset_momentum' }, market: {} }

/** Runs with a signal that fires when it is looked at for the n-th time. */
async function runStoppedAt(look: number, request: RunRequest = WHOLE) {
  const { signal } = new AbortController()
  let looks = 0
  Object.defineProperty(signal, 'aborted', { get: () => ++looks >= look })
  const app = openApp({ signal })
  try {
    const backtests = await app.backtests()
    return await backtests.run(request)
  } finally {
    await app.close()
  }
}

describe('backtests that are interrupted', () => {
  test('before the first run are an error that says so', async () => {
    const run = runStoppedAt(1)
    expect(run).rejects.toMatchObject({
      code: 'INTERRUPTED',
      message: expect.stringMatching(/^Interrupted before the first of \d+ runs was done\./),
    })
    await run.catch(() => {})
  })

  test('later keep the runs done before, and say how many are missing', async () => {
    const whole = await runStoppedAt(Number.POSITIVE_INFINITY)
    expect(whole.warnings).toEqual([])
    const part = await runStoppedAt(3)
    expect(part.rows.length).toBeGreaterThan(0)
    expect(part.rows.length).toBeLessThan(whole.rows.length)
    expect(part.rows).toEqual(whole.rows.slice(0, part.rows.length))
    expect(part.warnings).toEqual([
      {
        code: 'INTERRUPTED',
        message: `interrupted: ${part.rows.length} of ${whole.rows.length} runs done; the others are missing`,
      },
    ])
  })

  test('let a signal in between two runs', async () => {
    const controller = new AbortController()
    const app = openApp({ signal: controller.signal })
    const backtests = await app.backtests()
    const run = backtests.run(WHOLE)
    setImmediate(() => controller.abort())
    expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' })
    await run.catch(() => {})
    await app.close()
  })
})
