import { describe, expect, test } from 'bun:test'
import { problemsOf, sweepWith, validate } from './support.ts'

describe('sweeps', () => {
  const axis = (text: string) => problemsOf(sweepWith(`params:\n  fast_period: ${text}\n`))

  test.each([
    ['7', 'a fixed value'],
    ['[5, 10]', 'a list'],
    ['{ from: 1, to: 9, step: 2 }', 'a step'],
    ['{ from: 5, to: 5, step: 1 }', 'a single value'],
    ['{ from: 1, to: 9, count: 3 }', 'a count'],
    ['{ from: 1, to: 9, count: 3, scale: log }', 'a log scale'],
    ['{ from: 9, to: 9, count: 1 }', 'a count of one value'],
    ['{ from: 1, to: 10000, step: 1 }', 'the bounds of the schema themselves'],
  ])('accepts the axis %s (%s)', (text) => {
    expect(axis(text)).toEqual([])
  })

  test.each([
    ['{ from: 1, to: 9, step: 0 }', 'step: must be a number above 0, was 0'],
    ['{ from: 1, to: 9, step: -1 }', 'step: must be a number above 0, was -1'],
    ['{ from: 9, to: 1, step: 1 }', 'from must not be above to, was 9 > 1'],
    ['{ from: 9, to: 1, count: 2 }', 'from must not be above to, was 9 > 1'],
    ['{ from: 2, to: 9, count: 1 }', 'needs from and to to be equal, was 2 < 9. Write 2 for'],
    ['{ from: 2, to: 9, count: 1, scale: log }', 'needs from and to to be equal, was 2 < 9'],
    ['{ from: 1, to: 9, count: 0 }', 'count: must be an integer from 1 to'],
    ['{ from: 1, to: 9, count: 2.5 }', 'count: must be an integer from 1 to'],
    ['{ from: 1, to: 9, count: 3, scale: lg }', "Did you mean 'log'?"],
    ['{ from: 1, to: 9 }', "key 'step' is missing. Write { from, to, step } or"],
    ['{ from: 1, to: 9, step: 1, count: 2 }', "unknown key 'count'. Write { from, to, step } or"],
    ['{ from: 1, to: 10001, step: 1 }', 'to: must be an integer from 1 to 10000, was 10001'],
    ['{ from: 1.5, to: 9, count: 3 }', 'from: must be an integer from 1 to 10000, was 1.5'],
    ['{ from: 1, to: 9, step: 0.5 }', 'step: must be an integer'],
    ['[5, 5.5]', 'fast_period.1: must be an integer from 1 to 10000, was 5.5'],
    ['[5, 5]', '5 is listed twice'],
    ['[]', 'must have at least 1 item'],
    ['0', 'must be an integer from 1 to 10000, was 0'],
    ['ten', "must be a number, was 'ten'"],
    ['"10"', 'Remove the quotes.'],
  ])('refuses the axis %s', (text, part) => {
    const found = axis(text)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(part)
    expect(found[0]).toStartWith('sweeps:9:')
  })

  test('checks a huge range by its ends, at once', () => {
    expect(axis('{ from: 1, to: 1.0e+15, step: 1 }')).toHaveLength(1)
  })

  test('a sweep without parameters is refused', () => {
    expect(problemsOf(sweepWith('params: {}\n'))[0]).toContain('must have at least one entry')
    expect(problemsOf(sweepWith('top: 5\n'))[0]).toContain("key 'params' is missing")
  })

  test('says everything that a sweep leaves out', () => {
    const found = problemsOf({ sweeps: 'sweeps:\n  a:\n    params: { period: 1 }\n' })
    const keys = found.map((line) => /: (\w+) is missing/.exec(line)?.[1])
    expect(keys.sort()).toEqual(['end', 'interval', 'start', 'strategy', 'symbol'])
    expect(found.every((line) => line.startsWith('sweeps:2:3 '))).toBeTrue()
  })

  test('does not ask for what a mistake elsewhere hides', () => {
    const files = (strategy: string, interval: string) => ({
      strategies: `strategies:\n  a: { type: sma_crossover, symbols: [BTCUSDT], interval: ${interval} }\n`,
      backtests: `backtests:\n  b: { strategies: [${strategy}], symbol: BTCUSDT, start: 2024-01-01, end: 2024-02-01 }\n`,
      sweeps: 'sweeps:\n  s: { backtest: b, params: { fast_period: 2 } }\n',
    })
    expect(problemsOf(files('a', '1h'))).toEqual([])
    for (const broken of [files('missing', '1h'), files('a', '4 hours')]) {
      expect(problemsOf(broken)).toHaveLength(1)
    }
  })

  test('constraints may speak of metrics and parameters, where only of parameters', () => {
    const lines = (where: string) =>
      `params: { fast_period: 2 }\nwhere: ${where}\nconstraints: ["sharpe > fast_period"]\n`
    expect(problemsOf(sweepWith(lines('fast_period < slow_period')))).toEqual([])
    expect(problemsOf(sweepWith(lines("'fast_period < sharpe'")))[0]).toStartWith(
      "sweeps:9:27 CONFIG_UNKNOWN_NAME sweeps.grid.where: 'sharpe' is not known.",
    )
  })

  test.each([
    ['where: fast_period', 'where', '9:12', 'fast_period'],
    ['where: fast_period - slow_period', 'where', '9:12', 'fast_period - slow_period'],
    ['where: "1"', 'where', '9:13', 'fast_period'],
    ["constraints: [trades >= 3, 'sharpe']", 'constraints.1', '9:33', 'sharpe'],
  ])('refuses a number as a condition: %s', (line, key, place, part) => {
    expect(problemsOf(sweepWith(`params: { fast_period: 2 }\n${line}\n`))).toEqual([
      `sweeps:${place} CONFIG_FORMULA sweeps.grid.${key}: must be a condition, found a number. Compare it with something, such as '${part} >= 1'.`,
    ])
  })

  test.each([
    ['60m', '1h'],
    ['24h', '1d'],
    ['7d', '1w'],
    ['240m', '4h'],
  ])('refuses the interval %s, under which no candles are stored', (interval, canonical) => {
    const { sweeps = '' } = sweepWith('params: { fast_period: 2 }')
    expect(problemsOf({ sweeps: sweeps.replace('1h', interval) })).toEqual([
      `sweeps:5:15 CONFIG_INTERVAL sweeps.grid.interval: must be an interval in its largest unit, was '${interval}'. Write ${canonical}, which is as long.`,
    ])
    expect(problemsOf({ sweeps: sweeps.replace('1h', canonical) })).toEqual([])
  })

  test('takes what it leaves out from a backtest, and asks when that has several strategies', () => {
    const files = (extra: string) => ({
      strategies: `strategies:
  a: { type: sma_crossover, symbols: [BTCUSDT], interval: 1h }
  b: { type: ema_crossover, symbols: [BTCUSDT, ETHUSDT], interval: 1h }
`,
      backtests: `backtests:
  one: { strategies: [a], start: 2024-01-01, end: 2024-02-01 }
  two: { strategies: [a, b], symbol: BTCUSDT, start: 2024-01-01, end: 2024-02-01 }
`,
      sweeps: `sweeps:\n  s:\n    params: { fast_period: 3 }\n    ${extra}\n`,
    })
    expect(problemsOf(files('backtest: one'))).toEqual([])
    expect(problemsOf(files('backtest: two'))[0]).toContain('has 2 strategies: say which one.')
    expect(problemsOf(files('backtest: two\n    strategy: b'))).toEqual([])
    expect(problemsOf(files('backtest: one\n    end: 2023-01-01'))[0]).toStartWith(
      'sweeps:5:10 CONFIG_PERIOD',
    )
    expect(problemsOf(files('backtest: tow'))).toHaveLength(1)
  })

  test('a formula of an unknown strategy is still parsed, but its names are not judged', () => {
    const text = 'params: { x: 1 }\nwhere: x <\nconstraints: [any > 3]\n'
    const sweeps = sweepWith(text).sweeps?.replace('sma_crossover', 'sma_crosover') ?? ''
    const codes = validate({ sweeps }).problems.map((problem) => problem.code)
    expect(codes).toEqual(['CONFIG_UNKNOWN_NAME', 'CONFIG_FORMULA'])
  })

  test('what is there but wrong is reported once, not also as missing', () => {
    const found = problemsOf({
      sweeps:
        'sweeps:\n  a:\n    strategy: 5\n    symbol: "a b"\n    interval: 1y\n    start: x\n    end: y\n    params: { p: 1 }\n',
    })
    expect(found).toHaveLength(5)
  })
})
