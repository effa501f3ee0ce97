import { describe, expect, test } from 'bun:test'
import { configValidateReport } from '../../../../src/report/commands/config-validate.ts'
import { PLAIN } from '../../../../src/report/terminal/style.ts'
import { INVALID_REPORT, VALID_REPORT } from '../fixtures.ts'

describe('config validate', () => {
  test('shows place, line and mark of each problem in the order of the files', () => {
    expect(configValidateReport.lines(INVALID_REPORT, { ...PLAIN, width: 100 })).toEqual([
      'config/settings.yaml:12:23  warn',
      '  commission 0.2 means 20 %; most venues take less than 0.5 %. Write 0.002 for 0.2 %.',
      '   12 |   default_commission: 0.2',
      '      |                       ^^^',
      "config/sweeps.yaml:3:15  error  strategy 'sma_crosover' is not known. Did you mean 'sma_crossover'?",
      '    3 |     strategy: sma_crosover',
      '      |               ^^^^^^^^^^^^',
      '1 error, 1 warning in 2 files',
    ])
  })

  test('keeps the fault of a long line in view', () => {
    const [problem] = INVALID_REPORT.problems
    const frame = { text: `${'x'.repeat(200)}FAULT${'y'.repeat(100)}`, col: 201, length: 5 }
    const report = { ...VALID_REPORT, problems: [{ ...problem!, frame }] }
    const lines = configValidateReport.lines(report, PLAIN)
    const at = lines.findIndex((line) => line.includes('FAULT'))
    expect(lines[at + 1]?.indexOf('^')).toBe(lines[at]?.indexOf('FAULT'))
  })

  test('counts what is right', () => {
    expect(configValidateReport.lines(VALID_REPORT, PLAIN)).toEqual([
      'ok  2 files: 8 strategies, 2 backtests, 1 sweep',
    ])
  })
})
