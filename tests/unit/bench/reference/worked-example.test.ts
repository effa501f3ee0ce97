import { describe, expect, test } from 'bun:test'
import { computeMetrics, drawdowns } from '../../../../bench/reference/metrics.ts'
import { simulate } from '../../../../bench/reference/simulate.ts'
import type { Execution } from '../../../../src/core/execution.ts'
import { FREE } from '../../../support/execution.ts'

const HOUR_MS = 3_600_000
const execution: Execution = { ...FREE, commission: 0.001, slippage: 0.0005 }

/** The cells of the only table in docs/semantics.md whose rows start with a bar number. */
async function readExample(): Promise<readonly (readonly string[])[]> {
  const page = await Bun.file(new URL('../../../../docs/semantics.md', import.meta.url)).text()
  const rows = page.split('\n').filter((line) => /^\| \d+ +\|/.test(line))
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

describe('the worked example of docs/semantics.md', () => {
  test('has the equity and drawdown that the reference computes', async () => {
    const rows = await readExample()
    const column = (index: number) => rows.map((row) => Number(row[index]))
    const marks = (index: number) => rows.map((row) => row[index] === 'x')
    const window = { first: 0, end: rows.length }
    const run = simulate({
      open: column(1),
      close: column(2),
      enterLong: marks(3),
      exitLong: marks(4),
      window,
      execution,
    })
    expect(rows).toHaveLength(8)
    expect(run.equity.map((value) => value.toFixed(2))).toEqual(rows.map((row) => row[5]!))
    const falls = drawdowns(run.equity, execution.initial_capital)
    expect(falls.map((value) => value.toFixed(4))).toEqual(rows.map((row) => row[6]!))

    const openTime = rows.map((_, bar) => bar * HOUR_MS)
    const metrics = computeMetrics({ openTime, intervalMs: HOUR_MS, window, execution, run })
    expect(metrics).toMatchObject({ trades: 1, exposure: 5 / 8, max_drawdown_days: 0.25 })
    expect([metrics.final_equity.toFixed(2), metrics.fees.toFixed(2)]).toEqual(['9853.64', '29.34'])
  })
})
