import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { generateMetrics, readMetrics, withMetrics } from '../../../src/cli/generate-metrics.ts'

describe('what the table of metrics in the kernel says', () => {
  test.each(Object.values(generateMetrics()))(
    'is in the committed $path; if not, run: bun src/cli/generate-metrics.ts',
    ({ path, text }) => {
      expect(readFileSync(path, 'utf8')).toBe(text)
    },
  )
})

describe('readMetrics', () => {
  const tableOf = (...lines: string[]) =>
    ['metrics! {', ...lines.map((line) => `    ${line}`), '}', ''].join('\n')
  const LINE = 'sharpe, "Sharpe", number, .., more, nullable, "annualised";'

  test('reads bounds, sense and absence of each line, and skips comments', () => {
    const [sharpe, exposure, factor, ...none] = readMetrics(
      tableOf(
        LINE,
        '// why',
        'exposure, "In market", ratio, 0..=1, less, certain, "share";',
        'factor, "PF", number, -2.., more, unbounded, "won / lost";',
      ),
    )
    expect(sharpe).toEqual({
      name: 'sharpe',
      title: 'Sharpe',
      unit: 'number',
      min: Number.NEGATIVE_INFINITY,
      max: Number.POSITIVE_INFINITY,
      better: 'more',
      nullable: true,
      unbounded: false,
      meaning: 'annualised',
    })
    expect(exposure).toMatchObject({ min: 0, max: 1, better: 'less', nullable: false })
    expect(factor).toMatchObject({ min: -2, max: Infinity, nullable: true, unbounded: true })
    expect(none).toEqual([])
  })

  test.each([
    ['an unknown unit', LINE.replace('number', 'percent')],
    ['an unknown sense', LINE.replace('more', 'most')],
    ['a missing column', LINE.replace('nullable, ', '')],
    ['a quote in the meaning', LINE.replace('annualised', "a year's")],
  ])('refuses %s', (_what, line) => {
    expect(() => readMetrics(tableOf(LINE, line))).toThrow(line)
  })
})

describe('withMetrics', () => {
  test('refuses a metric without a comment at the head of its file', () => {
    const [page] = [generateMetrics().page.text]
    const [metric] = readMetrics(readFileSync('core-wasm/src/metrics/mod.rs', 'utf8'))
    expect(() => withMetrics(page, [metric!], () => 'use super::Summary;\n')).toThrow(
      'total_return.rs has no comment',
    )
  })
})
