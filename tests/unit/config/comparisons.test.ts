import { describe, expect, test } from 'bun:test'
import { problemsOf, sweepWith } from './support.ts'

/** Sweeps of a strategy whose parameters are thresholds: rsi_mean_reversion with oversold and overbought of 0 to 100. */
function constraint(text: string): readonly string[] {
  const lines = `params: { fast_period: [2, 10, 20] }\nconstraints: ["${text}"]\n`
  return problemsOf(sweepWith(lines))
}

function where(text: string, params: string, strategy = 'zscore_reversion'): readonly string[] {
  const files = sweepWith(`params: ${params}\nwhere: "${text}"\n`)
  return problemsOf({ sweeps: files.sweeps?.replace('sma_crossover', strategy) ?? '' })
}

describe('a comparison with a metric that no value can decide', () => {
  test('names place, rule, unit and likely form', () => {
    expect(constraint('max_drawdown > -20%')).toEqual([
      "sweeps:9:20 CONFIG_COMPARISON sweeps.grid.constraints.0: 'max_drawdown > -20%' is always true: max_drawdown is a ratio, 0 to 1 (1 is 100%). Write 'max_drawdown < 20%'.",
    ])
    expect(constraint('trades >= 30 and win_rate > 40')).toEqual([
      "sweeps:9:37 CONFIG_COMPARISON sweeps.grid.constraints.0: 'win_rate > 40' is never true: win_rate is a ratio, 0 to 1 (1 is 100%). Write 'win_rate > 40%'.",
    ])
  })

  test.each([
    ['max_drawdown > -0.2', "Write 'max_drawdown < 20%'."],
    ['max_drawdown < -20%', "Write 'max_drawdown > 20%'."],
    ['max_drawdown >= -20', "Write 'max_drawdown <= 20%'."],
    ['-20% < max_drawdown', "Write 'max_drawdown < 20%'."],
    ['max_drawdown < 20', "Write 'max_drawdown < 20%'."],
    ['max_drawdown*100 < -5', "Write 'max_drawdown*100 > 5'."],
    ['40 < win_rate', "Write 'win_rate > 40%'."],
    ['win_rate == 55', "Write 'win_rate == 55%'."],
    ['win_rate != 55', "Write 'win_rate != 55%'."],
    ['win_rate > -40%', "Write 'win_rate > 40%'."],
    ['1 - win_rate < 0', "'1 - win_rate' is 0 to 1"],
    ['1 - win_rate > 60', "Write '1 - win_rate > 60%'."],
    ['exposure >= 2', "Write 'exposure >= 2%'."],
    ['total_return > -40', "Write 'total_return > -40%'."],
    ['cagr < -15', "Write 'cagr < -15%'."],
    ['total_return < -100%', 'Compare with a value that occurs, or leave it out.'],
    ['total_return >= -1', 'Leave it out.'],
    ['exposure <= 1', 'Leave it out.'],
    ['-max_drawdown > 20%', "Write '-max_drawdown > -20%'."],
    ['-max_drawdown < -20', "Write '-max_drawdown < -20%'."],
    ['win_rate*100 > 400', "Write 'win_rate*100 > 4'."],
    ['total_return * 100 > -200', "Write 'total_return * 100 > -2'."],
    ['trades > -1', "Write 'trades > 1'."],
    ['trades >= 0', 'Leave it out.'],
    ['trades == 2.5', 'is never true: trades is a whole number, 0 or more.'],
    ['trades != 2.5', 'is always true'],
    ['profit_factor >= 0', "or write 'profit_factor == profit_factor' to ask only for a value."],
    ['win_rate <= 100%', 'is always true'],
    ['volatility > -5%', "Write 'volatility < 5%'."],
    ['abs(max_drawdown) < 0', "'abs(max_drawdown)' is 0 to 1"],
    ['min(win_rate, exposure) > 1', 'is never true'],
    ['max(win_rate, 2) < 2', "'max(win_rate, 2)' is 2"],
    ['max_drawdown + win_rate + exposure > 3', 'is never true'],
    ['win_rate / 100 > 0.4', "'win_rate / 100' is 0 to 0.01"],
    ['1 / (1 + trades) > 1', 'is never true'],
    ['win_rate > trades + 2', "'trades + 2' is 2 or more"],
    ['sharpe < sharpe', 'is never true'],
    ['fees < 0', 'fees is money, 0 or more'],
    ['win_rate > fast_period', 'fast_period has values from 2 to 20 here'],
    ['exposure < slow_period', 'slow_period is 30 here'],
    ['1 < 2', "'1 < 2' is always true. Leave it out."],
    ['(trades > 3) + (sharpe > 1) > 2', 'is never true'],
    ['fast_period > 5% and sharpe > 1', "Write 'fast_period > 5'."],
  ])('is refused: %s', (text, part) => {
    const found = constraint(text)
    expect(found).toHaveLength(1)
    expect(found[0]).toStartWith('sweeps:9:')
    expect(found[0]).toContain('CONFIG_COMPARISON')
    expect(found[0]).toContain(part)
  })

  test('is refused wherever it stands, each at its place', () => {
    const places = (text: string) => constraint(text).map((line) => line.split(' ')[0])
    expect(places('not (win_rate > 40)')).toEqual(['sweeps:9:25'])
    expect(places('sharpe > 1 or (trades > 5 and win_rate > 40)')).toEqual(['sweeps:9:50'])
    expect(places('win_rate > 40 or exposure > 50')).toEqual(['sweeps:9:20', 'sweeps:9:37'])
    expect(places('(win_rate > 40) == (trades > 3)')).toEqual(['sweeps:9:21'])
  })

  test.each([
    '-max_drawdown > -0.2',
    'max_drawdown < 20%',
    'max_drawdown > 0',
    'max_drawdown * 100 < 20',
    'win_rate >= 100%',
    'sharpe > 1%',
    'sharpe > -5',
    'total_return > -100%',
    'total_return > 40',
    'total_return / max_drawdown > 2',
    '1 / trades < 0.1',
    'trades > 30%',
    'profit_factor == profit_factor',
    'profit_factor < 1e999',
    'win_rate > max_drawdown',
    'abs(total_return) > 5%',
    'expectancy > -150%',
    'max(sharpe, sortino) >= 1.5 and not (trades < 30)',
    'trades >= fast_period',
    'fast_period < slow_period',
    'fast_period < 500',
    '(trades > 3) + (sharpe > 1) >= 2',
  ])('is not: %s', (text) => {
    expect(constraint(text)).toEqual([])
  })
})

describe('a comparison of parameters in where', () => {
  const AXES = '{ period: [10, 20], entry: { from: 0.5, to: 3, step: 0.5 } }'

  test.each([
    ['entry < 200', "is always true: entry has values from 0.5 to 3 here. Write 'entry < 200%'."],
    ['entry > -2', "is always true: entry has values from 0.5 to 3 here. Write 'entry > 2'."],
    ['period > 15%', "is always true: period has values from 10 to 20 here. Write 'period > 15'."],
    ['0.15 * 100 < 1', 'is never true'],
  ])('is refused when another unit or sign makes sense of it: %s', (text, part) => {
    const found = where(text, AXES)
    expect(found).toHaveLength(1)
    expect(found[0]).toStartWith('sweeps:9:13 CONFIG_COMPARISON sweeps.grid.where: ')
    expect(found[0]).toContain(part)
  })

  test.each([
    [
      'oversold < 0.3',
      "is never true: oversold has values from 20 to 35 here. Write 'oversold < 30'.",
    ],
    ['oversold < 30%', "Write 'oversold < 30'."],
    ['overbought - oversold > 0.5', "Write 'overbought - oversold > 50'."],
  ])('knows axes of thresholds: %s', (text, part) => {
    const found = where(
      text,
      '{ oversold: [20, 30, 35], overbought: [60, 80] }',
      'rsi_mean_reversion',
    )
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(part)
  })

  test.each(['entry < 2', 'period < entry * 10', 'period < 500', 'period > 5', 'exit < entry'])(
    'is not when it is a guard that this grid does not need: %s',
    (text) => {
      expect(where(text, AXES)).toEqual([])
    },
  )
})
