import { expect, test } from 'bun:test'
import { backtestSweepReport } from '../../../src/report/commands/backtest-sweep.ts'
import { topTable } from '../../../src/report/ranking.ts'
import { PLAIN } from '../../../src/report/terminal/style.ts'
import { rankedPoint, sweepResult } from './fixtures.ts'

const axis = (name: string, count: number, min: number, max: number) => ({ name, count, min, max })

test('a parameter with one value in the grid stands once above the table', () => {
  const axes = [axis('fast_period', 1, 36, 36), axis('slow_period', 98, 10, 398)]
  const [first = '', titles = ''] = topTable({ ...sweepResult(), axes }, PLAIN)
  expect(first).toBe('fixed  fast_period=36')
  expect(titles).toContain('slow_period')
  expect(titles).not.toContain('fast_period')
})

test('swept parameters and constrained metrics stay however narrow the terminal is', () => {
  const constraints = ['sqn > 1', 'fees < 100']
  const [titles = ''] = topTable({ ...sweepResult(), constraints }, { ...PLAIN, width: 60 })
  for (const title of ['fast_period', 'slow_period', 'SQN', 'Fees']) expect(titles).toContain(title)
  expect(titles).not.toContain('Return')
})

test('neighbours of equal figures are one line, and what differs in them is named', () => {
  const [first] = sweepResult().top
  const same = { ...first!, rank: 2, params: { ...first!.params, slow_period: 155 } }
  const result = sweepResult({ top: [first!, same, { ...rankedPoint(3) }] })
  const lines = topTable(result, PLAIN)
  expect(lines[2]).toContain('1-2')
  expect(lines[3]).toMatch(/^ +3 /)
  const warnings = backtestSweepReport.warnings?.(result) ?? []
  expect(warnings.find(({ code }) => code === 'EQUAL_ROWS')?.message).toContain('slow_period')
})

test('a winner at the edge of its grid is said so, but not of a list of two', () => {
  const codes = (axes: ReturnType<typeof axis>[]) =>
    (backtestSweepReport.warnings?.(sweepResult({ axes })) ?? []).filter(
      ({ code }) => code === 'WINNER_AT_EDGE',
    )
  expect(codes([axis('fast_period', 3, 36, 50)])[0]?.message).toContain(
    'fast_period=36 is the lowest of its values',
  )
  expect(codes([axis('slow_period', 3, 10, 154)])[0]?.message).toContain(
    'slow_period=154 is the highest',
  )
  expect(codes([axis('fast_period', 2, 36, 50), axis('slow_period', 98, 10, 398)])).toEqual([])
})

test('gains and losses differ in colour', () => {
  const [first] = sweepResult().top
  const loss = { ...first!, rank: 2, metrics: { ...first!.metrics, total_return: -0.25 } }
  const view = sweepResult({ top: [first!, loss] })
  const text = topTable(view, { ...PLAIN, width: 140, color: true }).join('\n')
  expect(text).toContain('\u001b[32m+61.2%')
  expect(text).toContain('\u001b[31m-25.0%')
})
