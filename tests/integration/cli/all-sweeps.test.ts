import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crypto } from '../../unit/cli/harness.ts'
import { openServices, ROOT } from './services.ts'

setDefaultTimeout(60_000)

const project = mkdtempSync(join(tmpdir(), 'crypto-all-sweeps-'))
afterAll(() => rmSync(project, { recursive: true }))

const sweep = (symbol: string, rest = '') => `
    strategy: sma_crossover
    symbol: ${symbol}
    interval: 1h
    start: "2024-01-01"
    end: "2024-03-01"
    params: { fast_period: [5, 10], slow_period: [20, 30] }${rest}`

/** Runs all sweeps of a project of its own; the second one is given. */
async function runAll(second: string) {
  cpSync(join(ROOT, 'config'), join(project, 'config'), { recursive: true })
  const sweeps = `sweeps:\n  first:${sweep('BTCUSDT')}\n  second:${second}\n`
  writeFileSync(join(project, 'config/sweeps.yaml'), sweeps)
  cpSync(join(ROOT, 'data/sample'), join(project, 'data/sample'), { recursive: true })
  const context = { configDir: join(project, 'config'), cwd: project }
  const services = {
    create: async () => openServices(context),
    ...{ requests: [], contexts: [], closed: () => 0 },
  }
  return crypto('backtest sweep --json', { services })
}

describe('backtest sweep without a name computes nothing when one sweep', () => {
  test.each([
    ['has no candles', sweep('NOPEUSDT'), 3, 'DATA_MISSING'],
    [
      'has no combination left',
      sweep('BTCUSDT', '\n    where: fast_period > 1000'),
      2,
      'SWEEP_EMPTY',
    ],
  ])('%s, and names it', async (_, second, exitCode, errorCode) => {
    const { code, out } = await runAll(second)
    const { error } = JSON.parse(out)
    expect(error.code).toBe(errorCode)
    expect(code).toBe(exitCode)
    expect(error.message).toContain('second')
    expect(existsSync(join(project, 'results'))).toBe(false)
  })
})
