import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  add,
  atr,
  bollingerBands,
  donchian,
  ema,
  highest,
  lag,
  lowest,
  macd,
  multiply,
  rateOfChange,
  rsi,
  type Series,
  sma,
  stdDev,
  subtract,
  trueRange,
  wilder,
  wma,
  zScore,
} from '../../../src/indicators/index.ts'
import { CANDLE_SYMBOLS } from '../../../src/kernel/expression.ts'
import { type Columns, candlesOf, testKernel } from '../../unit/indicators/kernel.ts'

setDefaultTimeout(60_000)

/** Compares the WASM kernel's whole series with those of independent projects; README.md names them. */

const { close, high, low } = CANDLE_SYMBOLS

type Table = ReadonlyMap<string, readonly number[]>

/** Columns of a CSV file; what is not a number is NaN. */
function readTable(file: string): Table {
  const text = readFileSync(join(import.meta.dir, file), 'utf8').replace(/^\uFEFF/, '')
  const [header = [], ...rows] = text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.split(','))
  return new Map(header.map((name, i) => [name, rows.map((cells) => numberOf(cells[i]))]))
}

function numberOf(cell = ''): number {
  return cell.trim() === '' ? Number.NaN : Number(cell)
}

function columnOf(table: Table, name: string): readonly number[] {
  const column = table.get(name)
  if (column === undefined) throw new Error(`No column '${name}'.`)
  return column
}

/** Evaluates over the file's candle columns, whatever the case of their names. */
function evaluate(table: Table, series: Series): Float64Array {
  const columns: Columns = Object.fromEntries(
    [...table].map(([name, values]) => [name.toLowerCase(), values]),
  )
  return testKernel().evaluate(candlesOf(columns as Columns & { close: number[] }), [series])[0]!
}

interface Difference {
  readonly bar: number
  readonly got: number
  readonly want: number
}

/** The figures that differ by more than the tolerance, and how many were compared. */
function differences(
  got: Float64Array,
  expected: readonly number[],
  { skip, tolerance }: { readonly skip: number; readonly tolerance: (want: number) => number },
): { readonly compared: number; readonly wrong: readonly Difference[] } {
  const bars = expected
    .map((want, bar) => ({ bar, want, got: got[bar]! }))
    .filter(({ bar, want }) => bar >= skip && Number.isFinite(want))
  const wrong = bars.filter((row) => !(Math.abs(row.got - row.want) <= tolerance(row.want)))
  return { compared: bars.length, wrong }
}

const firstDefined = (values: ArrayLike<number>) =>
  Array.from(values).findIndex((value) => Number.isFinite(value))

describe('stock-indicators, every bar to 1e-9', () => {
  const input = readTable('stock-indicators/input.csv')
  const macdLines = macd(close, { fast: 12, slow: 26, signal: 9 })
  const bands = bollingerBands(close, { period: 20, deviations: 2 })
  const channel = donchian({ high, low }, 20)

  test.each([
    ['sma.csv', 'sma', sma(close, 20)],
    ['ema.csv', 'ema', ema(close, 20)],
    ['wma.csv', 'wma', wma(close, 14)],
    ['smma.csv', 'smma', wilder(close, 20)],
    ['rsi.csv', 'rsi', rsi(close, 14)],
    ['roc.csv', 'roc', rateOfChange(close, 14)],
    ['macd.csv', 'macd', macdLines.macd],
    ['macd.csv', 'signal', macdLines.signal],
    ['macd.csv', 'histogram', macdLines.histogram],
    ['bb.csv', 'sma', bands.middle],
    ['bb.csv', 'upperBand', bands.upper],
    ['bb.csv', 'lowerBand', bands.lower],
    ['bb.csv', 'zScore', zScore(close, 20)],
    ['stdev.csv', 'stdDev', stdDev(close, 14)],
    ['stdev.csv', 'zScore', zScore(close, 14)],
    ['tr.csv', 'tr', trueRange({ high, low, close })],
    ['atr.csv', 'atr', atr({ high, low, close }, 14)],
    ['donchian.csv', 'upperBand', channel.upper],
    ['donchian.csv', 'centerline', channel.middle],
    ['donchian.csv', 'lowerBand', channel.lower],
  ] as const)('%s %s', (file, column, series) => {
    const expected = columnOf(readTable(`stock-indicators/${file}`), column)
    const got = evaluate(input, series)
    // Figures around zero are differences of prices of about 250.
    const tolerance = (want: number) => 1e-9 * Math.max(Math.abs(want), 1e-3)
    const { compared, wrong } = differences(got, expected, { skip: 0, tolerance })
    expect(wrong).toEqual([])
    expect(firstDefined(got)).toBe(firstDefined(expected))
    expect(compared).toBe(input.get('close')!.length - firstDefined(expected))
  })
})

describe('Lean, to 1e-3 or 1e-4 relative', () => {
  const macdLines = macd(close, { fast: 12, slow: 26, signal: 9 })
  const bands = bollingerBands(close, { period: 20, deviations: 2 })
  const [top, bottom] = [highest(high, 50), lowest(low, 50)]
  // What Lean calls the relative moving average is a combination of simple ones.
  const relative = add(subtract(sma(close, 5), sma(close, 10)), sma(close, 15))

  // Skipped: twice the period of smoothed averages, whose seeds differ; five periods for the ATR, whose first bar differs.
  test.each([
    ['spy_with_indicators.txt', 'SMA14', sma(close, 14), 13],
    ['spy_with_indicators.txt', 'EMA14', ema(close, 14), 28],
    ['spy_with_indicators.txt', 'RSI 14 Wilder', rsi(close, 14), 28],
    ['spy_ema.csv', 'EMA14', ema(close, 14), 28],
    ['spy_with_rma.csv', 'RMA5', relative, 14],
    ['spx_lwma.csv', 'LWMA', wma(close, 6), 5],
    ['spy_with_macd.txt', 'MACD', macdLines.macd, 52],
    ['spy_with_macd.txt', 'Signal', macdLines.signal, 70],
    ['spy_with_macd.txt', 'Histogram', macdLines.histogram, 70],
    ['spy_bollinger_bands.txt', 'Moving Average 20', bands.middle, 19],
    ['spy_bollinger_bands.txt', 'Bollinger Bands® 20 2 Top', bands.upper, 19],
    ['spy_bollinger_bands.txt', 'Bollinger Bands® 20 2 Bottom', bands.lower, 19],
    ['spy_var.txt', 'Var', multiply(stdDev(close, 10), stdDev(close, 10)), 9],
    ['spy_tr.txt', 'TR', trueRange({ high, low, close }), 1],
    ['spy_atr_wilder.txt', 'Average True Range 14', atr({ high, low, close }, 14), 70],
    ['spy_with_don50.txt', 'Donchian Channels 50 Top', top, 49],
    ['spy_with_don50.txt', 'Donchian Channels 50 Bottom', bottom, 49],
    ['spy_max.txt', 'MAX_5', highest(close, 5), 4],
    ['spy_min.txt', 'MIN_5', lowest(close, 5), 4],
    ['spy_with_rocp50.txt', 'Rate of Change % 50', rateOfChange(close, 50), 50],
    ['spy_with_roc50.txt', 'Rate of Change 50', subtract(close, lag(close, 50)), 50],
  ] as const)('%s %s', (file, column, series, skip) => {
    const table = readTable(`lean/${file}`)
    const expected = columnOf(table, column)
    const tolerance = (want: number) => Math.max(1e-3, 1e-4 * Math.abs(want))
    const { compared, wrong } = differences(evaluate(table, series), expected, { skip, tolerance })
    expect(wrong).toEqual([])
    // From the first figure of the file on there are no gaps; some files end with a bar without a figure.
    const possible = expected.length - Math.max(skip, firstDefined(expected))
    expect(possible - compared).toBeLessThanOrEqual(1)
    expect(compared).toBeGreaterThan(15)
  })
})
