import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { documentOf, makeProject, type RunResult, type SweepDocument } from './crypto.ts'
import { cryptoInside, sweepInside } from './crypto-inside.ts'
import { numbersOf, readParquet, recordOf, rowWith } from './tables.ts'

setDefaultTimeout(60_000)

const project = makeProject()
afterAll(project.remove)
const options = { cwd: project.dir }

const numbers = async (path: string, name: string) => {
  const table = await readParquet(path)
  return table.rows.map((_, row) => recordOf(table, row)[name] as number)
}

describe('the ranking asked for on the command line', () => {
  const ranked = (objective: string, output: string) => {
    const words = ['eth_rsi_grid', '--top', '7', '--objective', objective, '--output', output]
    return cryptoInside(['backtest', 'sweep', ...words, '--json'], options)
  }
  const cases = [
    ['max_drawdown', 1, ranked('max_drawdown', 'by-drawdown')],
    ['profit_factor', -1, ranked('profit_factor', 'by-profit')],
  ] as const

  test.each(cases)(
    'by %s is that of the rows, ties by the higher return',
    async (objective, sign, run) => {
      const { result } = documentOf<SweepDocument & { objective: string }>(await run)
      expect(result.objective).toBe(objective)
      const table = await readParquet(result.rows_file)
      const eligible = table.rows
        .map((_, row) => recordOf(table, row))
        .filter((row) => (row.trades as number) >= 10)
      expect(result.eligible).toBe(eligible.length)
      type Row = (typeof eligible)[number]
      const scoreOf = (row: Row) => {
        if (row[`${objective}_reason`] === 'no_loss') return -Number.MAX_VALUE
        return row[objective] === null ? Number.MAX_VALUE : sign * (row[objective] as number)
      }
      const best = eligible.toSorted(
        (a, b) => scoreOf(a) - scoreOf(b) || Number(b.total_return) - Number(a.total_return),
      )
      const wanted = best
        .slice(0, 7)
        .map(({ period, oversold, overbought }) => ({ period, oversold, overbought }))
      expect(result.top.map(({ params }) => params)).toEqual(wanted as never)
    },
  )
})

describe('ranges of a grid', () => {
  project.write(
    'ranges/sweeps.yaml',
    `sweeps:
  tenths:
    strategy: zscore_reversion
    symbol: ETHUSDT
    interval: 1d
    start: "2023-10-01"
    end: "2024-10-01"
    params: { period: 20, entry: { from: 0.5, to: 1.2, step: 0.1 }, exit: { from: 0, to: 1, count: 5 } }
  logs:
    strategy: momentum_breakout
    symbol: ETHUSDT
    interval: 1d
    start: "2024-01-01"
    end: "2024-10-01"
    params: { entry_period: { from: 2, to: 128, count: 7, scale: log }, exit_period: 2 }
`,
  )
  for (const file of ['backtests', 'exchanges', 'settings', 'strategies'])
    project.write(`ranges/${file}.yaml`, readFileSync(project.path(`config/${file}.yaml`), 'utf8'))
  const words = ['--config-dir', 'ranges']
  const both = sweepInside(['tenths', 'logs'], words, options)

  test('count in decimals, by step and by count', async () => {
    await both
    const path = project.path('results/tenths.parquet')
    expect([...new Set(await numbers(path, 'entry'))]).toEqual([
      0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2,
    ])
    expect([...new Set(await numbers(path, 'exit'))]).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect((await readParquet(path)).types.slice(0, 3)).toEqual(['INTEGER', 'DOUBLE', 'DOUBLE'])
  })

  test('have equal ratios on a log scale', async () => {
    await both
    const path = project.path('results/logs.parquet')
    expect(await numbers(path, 'entry_period')).toEqual([2, 4, 8, 16, 32, 64, 128])
  })

  test('give values that a run takes from the command line as they are shown', async () => {
    await both
    const point = ['period=20', 'entry=0.7', 'exit=0.25']
    const run = ['backtest', 'run', '--sweep', 'tenths', '--set', ...point, '--json', ...words]
    const [row] = documentOf<RunResult>(await cryptoInside(run, options)).result.rows
    const table = await readParquet(project.path('results/tenths.parquet'))
    expect(numbersOf(row!.metrics)).toEqual(rowWith(table, { period: 20, entry: 0.7, exit: 0.25 }))
  })
})

describe('a sweep again into the same folder', () => {
  test('replaces rows and manifest together', async () => {
    const words = ['backtest', 'sweep', 'sol_donchian', '--output', 'again', '--json']
    const first = documentOf<SweepDocument>(await cryptoInside(words, options)).result
    const startedAt = () => JSON.parse(readFileSync(first.manifest_file, 'utf8')).started_at
    const before = startedAt()
    const second = documentOf<SweepDocument>(await cryptoInside(words, options)).result
    expect(second.digest).toBe(first.digest)
    expect(startedAt() > before).toBe(true)
    expect(readdirSync(project.path('again')).sort()).toEqual([
      'sol_donchian.manifest.json',
      'sol_donchian.parquet',
    ])
  })
})
