import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { documentOf, makeProject, type RunResult, type SweepDocument } from './crypto.ts'
import { cryptoInside } from './crypto-inside.ts'
import { digestOfRows, readParquet, recordOf, withUnbounded } from './tables.ts'

setDefaultTimeout(60_000)

/** The grid of a report (freqtrade #9731) that a loss of no losing trade threw the best strategies away. */
const sweep = (name: string, rest: string) => `  ${name}:
    strategy: rsi_mean_reversion
    symbol: BTCUSDT
    interval: 4h
    start: 2023-09-01
    end: 2024-04-01
    params: { period: { from: 5, to: 20, step: 1 }, oversold: [20, 25, 30, 35], overbought: [60, 70, 80] }
${rest.replace(/^/gm, '    ')}
`
const project = makeProject({
  'config/sweeps.yaml': `sweeps:\n${[
    sweep('allwin', 'objective: profit_factor\nconstraints: [trades >= 3]\ntop: 1000'),
    sweep('allwin_pf', 'objective: sharpe\nconstraints: [trades >= 3, profit_factor >= 1.5]'),
    sweep('open', 'objective: sqn\nconstraints: [win_rate >= 50%]'),
  ].join('')}`,
})
afterAll(project.remove)

const sweepOf = async (name: string, ...more: readonly string[]) =>
  documentOf<SweepDocument>(
    await cryptoInside(['backtest', 'sweep', name, '--json', ...more], { cwd: project.dir }),
  )

describe('a sweep with rows that never lost', () => {
  const allwin = sweepOf('allwin')

  test('ranks them first, the higher return before the lower', async () => {
    const { result } = await allwin
    // Counted by pandas from the rows: 129 meet trades >= 3, 33 of them have no losing trade.
    expect(result.eligible).toBe(129)
    const [winner] = result.top
    expect(winner?.params).toEqual({ period: 14, oversold: 30, overbought: 80 })
    expect(winner).toMatchObject({ reasons: { profit_factor: 'no_loss' } })
    expect(winner?.metrics).toMatchObject({ trades: 5, win_rate: 1, profit_factor: null })
    expect(winner?.metrics.total_return).toBeCloseTo(0.727, 3)
    expect(winner?.metrics.sharpe).toBeCloseTo(3.2, 2)
    expect(result.top).toHaveLength(129)
    const unbounded = result.top.filter(({ metrics }) => metrics.profit_factor === null)
    expect(unbounded).toEqual(result.top.slice(0, 33))
    const returns = unbounded.map(({ metrics }) => metrics.total_return as number)
    expect(returns).toEqual(returns.toSorted((a, b) => b - a))
    expect(result.top[33]?.metrics.profit_factor).toBeCloseTo(31.25, 2)
  })

  test('keeps them under a constraint on the same metric', async () => {
    const { result } = await sweepOf('allwin_pf')
    expect(result.eligible).toBe(118)
    expect(result.top[0]?.params).toEqual({ period: 14, oversold: 30, overbought: 80 })
  })

  test('writes null and the reason, never an infinity', async () => {
    const { result } = await allwin
    const table = await readParquet(result.rows_file)
    const records = table.rows.map((_, row) => recordOf(table, row))
    const noLoss = records.filter((row) => row.profit_factor_reason === 'no_loss')
    expect(noLoss.filter(({ trades }) => Number(trades) >= 3)).toHaveLength(33)
    for (const row of noLoss) expect(row).toMatchObject({ profit_factor: null, win_rate: 1 })
    const others = records.filter((row) => row.profit_factor === null && !noLoss.includes(row))
    expect(others.every(({ win_rate, trades }) => win_rate === null && trades === 0)).toBeTrue()
    const numbers = table.rows.flat().filter((cell) => typeof cell === 'number')
    expect(numbers.every(Number.isFinite)).toBeTrue()
    expect(withUnbounded(table).rows.flat()).toContain(Number.POSITIVE_INFINITY)
    expect(await digestOfRows(result.rows_file)).toBe(result.digest)
    expect(readFileSync(result.manifest_file, 'utf8')).not.toMatch(/infinity|nan\b/i)
  })

  test('counts what is truly not computable', async () => {
    const { result, warnings } = await sweepOf('open')
    const table = await readParquet(result.rows_file)
    const records = table.rows.map((_, row) => recordOf(table, row))
    const undecided = records.filter(({ win_rate }) => win_rate === null).length
    const winners = records.filter(({ win_rate }) => Number(win_rate) >= 0.5)
    const withoutObjective = winners.filter(({ sqn }) => sqn === null).length
    expect(undecided).toBeGreaterThan(0)
    expect(withoutObjective).toBeGreaterThan(0)
    expect(result).toMatchObject({
      without_objective: withoutObjective,
      undecided: [{ constraint: 'win_rate >= 50%', rows: undecided }],
    })
    expect(warnings.map(({ code }) => code)).toContain('NO_OBJECTIVE')
    expect(warnings.find(({ code }) => code === 'CONSTRAINT_UNDECIDED')?.message).toStartWith(
      `${undecided} combination`,
    )
    const manifest = JSON.parse(readFileSync(result.manifest_file, 'utf8'))
    expect(manifest).toMatchObject({ without_objective: withoutObjective })
  })

  test('is the same for one of its rows alone', async () => {
    const words = ['--sweep', 'allwin', '--set', 'period=14', 'oversold=30', 'overbought=80']
    const run = cryptoInside(['backtest', 'run', ...words, '--json'], { cwd: project.dir })
    const [row] = documentOf<RunResult>(await run).result.rows
    expect(row).toMatchObject({ reasons: { profit_factor: 'no_loss' }, benchmark_reasons: {} })
    expect(row?.metrics).toMatchObject({ profit_factor: null, trades: 5 })
  })
})

describe('a constraint that no value can decide', () => {
  test('ends every command that reads it, with place and likely form', async () => {
    const broken = makeProject({
      'config/sweeps.yaml': `sweeps:\n${sweep('s', 'constraints: [trades >= 3, max_drawdown > -20%]')}`,
    })
    try {
      for (const words of [
        ['backtest', 'sweep', 's'],
        ['config', 'validate'],
      ]) {
        const finished = await cryptoInside([...words, '--json'], { cwd: broken.dir })
        expect(finished.code).toBe(2)
        const { result, error } = JSON.parse(finished.out)
        const { problems } = result ?? error
        expect(problems).toEqual([
          expect.objectContaining({
            code: 'CONFIG_COMPARISON',
            line: 9,
            col: 32,
            message: expect.stringContaining("'max_drawdown > -20%' is always true"),
            hint: "Write 'max_drawdown < 20%'.",
          }),
        ])
      }
    } finally {
      broken.remove()
    }
  })
})
