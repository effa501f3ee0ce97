import { describe, expect, test } from 'bun:test'
import { backtestRunReport } from '../../../src/report/commands/backtest-run.ts'
import { backtestSweepReport } from '../../../src/report/commands/backtest-sweep.ts'
import { continuityText } from '../../../src/report/continuity.ts'
import { PLAIN } from '../../../src/report/terminal/style.ts'
import { continuity } from '../../support/continuity.ts'
import { backtestRow, backtestRuns, ROWS, sweepResult } from './fixtures.ts'

const gap = { fromMs: Date.UTC(2020, 1, 19, 12), toMs: Date.UTC(2020, 1, 19, 17), candles: 5 }

describe('the line of continuity', () => {
  test('says that nothing is missing, and what the candles were built from', () => {
    expect(continuityText(continuity(13_498))).toBe('13,498 of 13,498, no hole')
    expect(continuityText(continuity(24, { resampledFrom: '1h', sparse: true }))).toBe(
      '24 of 24, no hole, built from 1h as far as it exists (sparse)',
    )
    expect(continuityText(continuity(24, { resampledFrom: '1h' }))).toBe(
      '24 of 24, no hole, built from 1h',
    )
  })

  test('says how many are missing, in how many places, where most and why', () => {
    const missing = { expected: 43_848, missing: 31, gaps: 15, longestGap: gap }
    expect(continuityText(continuity(43_817, missing))).toBe(
      '43,817 of 43,848, 31 missing: in 15 gaps, the longest 5 from 2020-02-19 12:00',
    )
    const causes = [
      { cause: 'venue', candles: 29 },
      { cause: null, candles: 2 },
    ] as const
    expect(continuityText(continuity(43_817, { ...missing, causes }))).toEndWith(
      '12:00 (exchange has none 29, not known 2)',
    )
  })

  test('a single gap is named once, and incomplete candles are part of what is missing', () => {
    const text = continuityText(
      continuity(95, {
        expected: 100,
        missing: 5,
        gaps: 1,
        longestGap: gap,
        resampledFrom: '1m',
        incomplete: 2,
      }),
    )
    expect(text).toBe(
      '95 of 100, 5 missing: 5 from 2020-02-19 12:00, built from 1m; 2 of them incomplete',
    )
  })

  test('stands in every report of a run and of a sweep, and fits the terminal', () => {
    for (const lines of [
      ...ROWS.map((row) => backtestRunReport.lines(backtestRuns([row]), PLAIN)),
      backtestSweepReport.lines(sweepResult(), PLAIN),
    ]) {
      expect(lines.filter((line) => line.startsWith('candles  '))).toHaveLength(1)
      expect(lines.filter((line) => Bun.stringWidth(line) > PLAIN.width)).toEqual([])
    }
  })

  test('stands in both documents', () => {
    const changes = { expected: 8045, missing: 5, gaps: 1, longestGap: gap, resampledFrom: '1m' }
    const row = backtestRow({ continuity: continuity(8040, changes) })
    expect(backtestRunReport.json(backtestRuns([row])).rows[0]?.continuity).toEqual({
      expected: 8045,
      present: 8040,
      missing: 5,
      gaps: 1,
      longest_gap: {
        start_time: '2020-02-19T12:00:00Z',
        end_time: '2020-02-19T17:00:00Z',
        candles: 5,
      },
      causes: [],
      resampled_from: '1m',
      sparse: false,
      incomplete: 0,
    })
    expect(backtestSweepReport.json(sweepResult()).continuity).toMatchObject({
      expected: 13_480,
      missing: 0,
      longest_gap: null,
    })
  })
})
