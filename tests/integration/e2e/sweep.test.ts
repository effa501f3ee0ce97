import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { METRICS } from '../../../src/core/metrics.ts'
import { crypto, documentOf, makeProject, ROOT, type SweepDocument } from './crypto.ts'
import { cryptoInside } from './crypto-inside.ts'
import { digestOfRows, numbersOf, readParquet, recordOf } from './tables.ts'

setDefaultTimeout(60_000)

const GOLDEN_FILE = join(import.meta.dir, 'golden.json')
const project = makeProject()
afterAll(project.remove)

const out = (name: string) => project.path('results', name)
const sweepOf = async (words: readonly string[]) =>
  documentOf<SweepDocument>(await cryptoInside(['backtest', 'sweep', ...words, '--json']))

const BASE = ['backtest', 'sweep', 'btc_sma_grid', '--output', out('base'), '--json']
const sweep = documentOf<SweepDocument>(await crypto(BASE))
const { result } = sweep
const table = await readParquet(result.rows_file)
const manifest = JSON.parse(readFileSync(result.manifest_file, 'utf8'))
const CAPITAL = 10_000
const VERSION = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version

describe('backtest sweep btc_sma_grid', () => {
  test('runs more than 10,000 combinations and answers with every field of the contract', () => {
    expect(sweep.schema).toBe('crypto/backtest.sweep@1')
    expect(sweep.ok).toBe(true)
    expect(result).toMatchObject({
      sweep: 'btc_sma_grid',
      strategy: 'sma_crossover',
      symbol: 'BTCUSDT',
      interval: '1h',
      interrupted: false,
      rows_file: out('base/btc_sma_grid.parquet'),
      manifest_file: out('base/btc_sma_grid.manifest.json'),
    })
    expect(result.digest).toMatch(/^[0-9a-f]{64}$/)
    expect(result.workers).toBeGreaterThanOrEqual(1)
    expect(result.seconds).toBeGreaterThan(0)
    expect(result.peak_rss_bytes).toBeGreaterThan(10_000_000)
    const speed = (result.combinations * result.bars) / result.seconds
    expect(result.bar_combinations_per_second).toBeCloseTo(speed, 3)
    expect(result.combinations).toBeGreaterThanOrEqual(10_000)
    expect(result.completed).toBe(result.combinations)
    expect(result.bars).toBeGreaterThan(13_000)
    expect(result.top.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    for (const { metrics } of result.top) expect(Object.keys(metrics)).toEqual([...METRICS])
  })

  test('has the digest and the winner of the golden file', () => {
    const [winner] = result.top
    const actual = {
      digest: result.digest,
      combinations: result.combinations,
      bars: result.bars,
      eligible: result.eligible,
      winner: { params: winner?.params, metrics: winner?.metrics },
    }
    if (process.env.UPDATE_GOLDEN === '1') {
      writeFileSync(GOLDEN_FILE, `${JSON.stringify(actual, null, 2)}\n`)
    }
    expect(actual).toEqual(JSON.parse(readFileSync(GOLDEN_FILE, 'utf8')))
  })

  test('writes the combinations that satisfy where, in the order of the grid', () => {
    const expected: number[][] = []
    for (let fast = 2; fast <= 120; fast++) {
      for (let slow = 10; slow <= 400; slow += 4) if (fast < slow) expected.push([fast, slow])
    }
    const reasons = ['sortino_reason', 'calmar_reason', 'profit_factor_reason']
    expect(table.names).toEqual(['fast_period', 'slow_period', ...METRICS, ...reasons])
    const types = [...METRICS.map(() => 'DOUBLE'), ...reasons.map(() => 'VARCHAR')]
    expect(table.types).toEqual(['INTEGER', 'INTEGER', ...types])
    expect(table.rows).toHaveLength(result.combinations)
    expect(table.rows.map((row) => row.slice(0, 2) as number[])).toEqual(expected)
  })

  test('the digest is that of the rows file, recomputed from its description', async () => {
    expect(await digestOfRows(result.rows_file)).toBe(result.digest)
  })

  test('the ranking is that of the rows file', () => {
    const [trades, sharpe] = ['trades', 'sharpe'].map((name) => table.names.indexOf(name))
    const eligible = table.rows.filter((row) => (row[trades!] as number) >= 30)
    expect(result.eligible).toBe(eligible.length)
    const best = eligible.toSorted((a, b) => (b[sharpe!] as number) - (a[sharpe!] as number))
    const top = result.top.map(({ params, metrics }) => [
      ...Object.values(params),
      ...numbersOf(metrics),
    ])
    expect(top).toEqual(
      best.slice(0, 10).map((row) => row.slice(0, 2 + METRICS.length) as number[]),
    )
  })

  test('the manifest says what was read, how it was judged and what came out', () => {
    const prefixed = (hash: string) => `sha256:${hash}`
    expect({
      config: prefixed(manifest.hashes.config),
      data: prefixed(manifest.hashes.candles),
      kernel: prefixed(manifest.hashes.kernel),
    }).toEqual({ config: sweep.run.config, data: sweep.run.data, kernel: sweep.run.kernel })
    expect(manifest).toMatchObject({
      schema: 'crypto.sweep-manifest/1',
      sweep: 'btc_sma_grid',
      seed: null,
      versions: { bun: Bun.version, 'crypto-platform': VERSION },
      market: {
        exchange: 'binance',
        symbol: 'BTCUSDT',
        interval: '1h',
        bars: result.bars,
        holes: 0,
      },
      execution: {
        fill: 'next_open',
        commission: 0.001,
        slippage: 0.0005,
        initial_capital: CAPITAL,
      },
      where: 'fast_period < slow_period',
      objective: 'sharpe',
      constraints: ['trades >= 30'],
      param_counts: { fast_period: 119, slow_period: 98 },
      grid_points: 119 * 98,
      combinations: result.combinations,
      completed: result.combinations,
      interrupted: false,
      failure: null,
      digest: result.digest,
      rows_file: 'btc_sma_grid.parquet',
    })
  })

  test('leaves nothing else in the output folder', () => {
    expect(readdirSync(out('base')).sort()).toEqual([
      'btc_sma_grid.manifest.json',
      'btc_sma_grid.parquet',
    ])
  })

  const settings = readFileSync(join(ROOT, 'config/settings.yaml'), 'utf8')
  const configWith = (blockPoints: number) => {
    const dir = `blocks-${blockPoints}`
    for (const file of ['backtests', 'exchanges', 'strategies', 'sweeps'] as const) {
      const text = readFileSync(join(ROOT, `config/${file}.yaml`), 'utf8')
      project.write(`${dir}/${file}.yaml`, text)
    }
    const changed = settings.replace('block_points: 0', `block_points: ${blockPoints}`)
    expect(changed).not.toBe(settings)
    project.write(`${dir}/settings.yaml`, changed)
    return project.path(dir)
  }

  test.concurrent.each([
    [1, 1],
    [2, 64],
    [7, 5000],
  ])('has the same digest and ranking for %p workers and blocks of %p', async (workers, block) => {
    const words = ['--workers', String(workers), '--config-dir', configWith(block)]
    const name = `blocks-${workers}-${block}`
    const other = await sweepOf(['btc_sma_grid', ...words, '--output', out(name)])
    expect(other.result.workers).toBeLessThanOrEqual(workers)
    if (block < 5000) expect(other.result.workers).toBe(workers)
    expect(other.result.digest).toBe(result.digest)
    expect(other.result.top).toEqual(result.top)
  })
})

describe('values that the sample does not carry', () => {
  test('are null in the rows file and never NaN', async () => {
    project.write(
      'config/sweeps.yaml',
      `sweeps:
  hardly_ever:
    strategy: rsi_mean_reversion
    symbol: BTCUSDT
    interval: 1h
    start: "2023-08-01"
    end: "2024-02-01"
    params: { period: [14, 50], oversold: [5, 15, 30], overbought: [70, 95] }
`,
    )
    const { result: rare } = documentOf<SweepDocument>(
      await crypto(['backtest', 'sweep', 'hardly_ever', '--json'], { cwd: project.dir }),
    )
    const rows = await readParquet(project.path('results', 'hardly_ever.parquet'))
    expect(rows.rows).toHaveLength(12)
    const records = rows.rows.map((_, row) => recordOf(rows, row))
    const numbers = records.flatMap(Object.values).filter((value) => typeof value === 'number')
    expect(numbers.filter((value) => !Number.isFinite(value))).toEqual([])
    const never = records.filter(({ trades, exposure }) => trades === 0 && exposure === 0)
    expect(never.length).toBeGreaterThan(0)
    for (const row of never) {
      expect(row).toMatchObject({
        total_return: 0,
        fees: 0,
        final_equity: CAPITAL,
        max_drawdown: 0,
      })
      for (const name of ['sharpe', 'calmar', 'win_rate', 'profit_factor', 'expectancy', 'sqn'])
        expect([name, row[name]]).toEqual([name, null])
    }
    expect(await digestOfRows(project.path('results', 'hardly_ever.parquet'))).toBe(rare.digest)
  })
})
