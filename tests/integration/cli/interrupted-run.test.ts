import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { RunRequest } from '../../../src/app/backtest/run-backtests.ts'
import { openServices } from './services.ts'

setDefaultTimeout(60_000)

/** Runs with a signal that fires when it is looked at for the n-th time. */
async function runStoppedAt(look: number, request: RunRequest = {}) {
  const { signal } = new AbortController()
  let looks = 0
  Object.defineProperty(signal, 'aborted', { get: () => ++looks >= look })
  const services = openServices({ signal })
  try {
    const backtests = await services.backtests()
    return await backtests.run(request)
  } finally {
    await services.close()
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
    const part = await runStoppedAt(5)
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
    const services = openServices({ signal: controller.signal })
    const backtests = await services.backtests()
    const run = backtests.run({})
    setImmediate(() => controller.abort())
    expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' })
    await run.catch(() => {})
    await services.close()
  })
})
