import { describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Value } from 'typebox/value'
import type { CandleSeries } from '../../../src/core/candles.ts'
import { Registry } from '../../../src/core/registry.ts'
import {
  bollingerBands,
  donchian,
  ema,
  macd,
  rateOfChange,
  rsi,
  type Series,
  type StrategyDefinition,
  sma,
  zScore,
} from '../../../src/indicators/index.ts'
import { CANDLE_SYMBOLS } from '../../../src/kernel/expression.ts'
import { compileForeign, compileSignals } from '../../../src/kernel/program.ts'
import { FREE } from '../../support/execution.ts'
import { generatedPart, paramTable } from '../indicators/documentation.ts'
import { testKernel, walk } from '../indicators/kernel.ts'

const FOLDER = join(import.meta.dir, '../../../src/strategies')
const { close } = CANDLE_SYMBOLS

interface Found {
  readonly folder: string
  readonly file: string
  readonly definition: StrategyDefinition
}

async function loadStrategies(): Promise<readonly Found[]> {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  const loaded = files
    .filter((file) => file.endsWith('.ts'))
    .map(async (file) => ({
      folder: file.split('/')[0]!,
      file: basename(file, '.ts'),
      definition: (await import(join(FOLDER, file))).default as StrategyDefinition,
    }))
  const found = await Promise.all(loaded)
  return found.sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1))
}

const strategies = await loadStrategies()

type Params = Readonly<Record<string, number>>
type Row = readonly number[]

/** What a strategy's description says, over the values of some series on the bar before and on this bar. */
interface Reading {
  readonly series: (p: Params) => readonly Series[]
  readonly enter: (before: Row, now: Row, p: Params) => boolean
  readonly exit: (before: Row, now: Row, p: Params) => boolean
}

const rises = ([a, b]: Row, [c, d]: Row) => a! <= b! && c! > d!
const falls = ([a, b]: Row, [c, d]: Row) => a! >= b! && c! < d!

const READINGS: Readonly<Record<string, Reading>> = {
  sma_crossover: {
    series: (p) => [sma(close, p.fast_period!), sma(close, p.slow_period!)],
    enter: rises,
    exit: falls,
  },
  ema_crossover: {
    series: (p) => [ema(close, p.fast_period!), ema(close, p.slow_period!)],
    enter: rises,
    exit: falls,
  },
  macd_crossover: {
    series: (p) => {
      const periods = { fast: p.fast_period!, slow: p.slow_period!, signal: p.signal_period! }
      const lines = macd(close, periods)
      return [lines.macd, lines.signal]
    },
    enter: rises,
    exit: falls,
  },
  rsi_mean_reversion: {
    series: (p) => [rsi(close, p.period!)],
    enter: ([before], [now], p) => rises([before!, p.oversold!], [now!, p.oversold!]),
    exit: ([before], [now], p) => rises([before!, p.overbought!], [now!, p.overbought!]),
  },
  bollinger_reversion: {
    series: (p) => {
      const bands = bollingerBands(close, { period: p.period!, deviations: p.deviations! })
      return [close, bands.lower, bands.middle]
    },
    enter: (_, [price, lower]) => price! < lower!,
    exit: (_, [price, , middle]) => price! >= middle!,
  },
  zscore_reversion: {
    series: (p) => [zScore(close, p.period!)],
    enter: (_, [score], p) => score! < -p.entry!,
    exit: (_, [score], p) => score! >= -p.exit!,
  },
  momentum_breakout: {
    series: (p) => [
      close,
      donchian(CANDLE_SYMBOLS, p.entry_period!).upper,
      donchian(CANDLE_SYMBOLS, p.exit_period!).lower,
    ],
    enter: (_, [price, upper]) => price! > upper!,
    exit: (_, [price, , lower]) => price! < lower!,
  },
  roc_momentum: {
    series: (p) => [rateOfChange(close, p.period!)],
    enter: (_, [change], p) => change! > p.entry!,
    exit: (_, [change], p) => change! < p.exit!,
  },
}

/** Entry and exit prices of fills at the next open, by reading the description bar after bar. */
function readTrades(reading: Reading, candles: CandleSeries, first: number, p: Params) {
  const columns = testKernel().evaluate(candles, reading.series(p))
  const rowOf = (bar: number): Row => columns.map((values) => values[bar]!)
  const bars = candles.close.length
  const trades: number[][] = []
  let open = false
  for (let bar = first; bar < bars - 1; bar += 1) {
    const enter = reading.enter(rowOf(bar - 1), rowOf(bar), p)
    const exit = reading.exit(rowOf(bar - 1), rowOf(bar), p)
    if (enter && !exit && !open) trades.push([candles.open[bar + 1]!, Number.NaN])
    if (exit && !enter && open) trades.at(-1)![1] = candles.open[bar + 1]!
    if (enter !== exit) open = enter
  }
  return trades
}

function kernelTrades(definition: StrategyDefinition, candles: CandleSeries, p: Params) {
  const program = compileSignals(definition)
  const point = Float64Array.from(program.params, (name) => p[name]!)
  const kernel = testKernel()
  const window = { first: kernel.lookback(program, point), end: candles.close.length }
  const execution = { ...FREE, initial_capital: 1000 } as const
  kernel.setMarket({ candles, window, execution })
  const { trades } = kernel.trace(program, point)
  const rows = [...trades.entryPrice].map((price, i) => [price, trades.exitPrice[i]!])
  return { rows, first: window.first }
}

const defaultsOf = (definition: StrategyDefinition) =>
  Value.Default(definition.params, {}) as Params

test('names are unique, and every strategy has its description tested', () => {
  const registry = new Registry<StrategyDefinition>('strategy')
  for (const { definition } of strategies) registry.register(definition)
  expect(registry.names()).toEqual(Object.keys(READINGS).sort())
})

test('the page lists every strategy with its parameters', () => {
  const parts = strategies.map(
    ({ definition: { name, category, description, params } }) =>
      `### ${name}\n\n${description} (${category})\n\n${paramTable(params)}`,
  )
  const text = `## Reference\n\n${parts.join('\n')}\n`
  expect(generatedPart('strategies.md', 'strategies', text)).toBe(text)
})

describe.each(strategies.map((found) => [found.definition.name, found] as const))(
  '%s',
  (name, { folder, file, definition }) => {
    test('lies in the folder of its category, in a file of its name', () => {
      expect([folder, file.replaceAll('-', '_')]).toEqual([definition.category!, name])
    })

    test('builds its signals and computes none of them', () => {
      expect(() => compileForeign(definition)).not.toThrow()
    })

    test('has a schema with defaults, units and no further keys', () => {
      const params = defaultsOf(definition)
      expect(Value.Check(definition.params, params)).toBe(true)
      expect(Value.Check(definition.params, { ...params, fast_perod: 3 })).toBe(false)
      for (const param of Object.values(definition.params.properties)) {
        expect(param).toHaveProperty('description')
      }
    })

    test.each([1, 2, 3])('trades as its description says, on walk %d', (seed) => {
      const candles = walk(10_000, seed)
      const params = defaultsOf(definition)
      const { rows, first } = kernelTrades(definition, candles, params)
      expect(rows.length).toBeGreaterThan(10)
      expect(rows).toEqual(readTrades(READINGS[name]!, candles, first, params))
    })
  },
)
