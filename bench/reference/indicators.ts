/**
 * The kernel's operations by their textbook definitions, one bar at a time, over plain arrays.
 * Slow on purpose (O(n · period)): this is what the kernel is proven against, so every line has to be plain to read.
 *
 * Shared rules: a result has one value per bar and the length of its inputs. It is NaN until the operation has its
 * full look-back, counted from the first bar on which all inputs are defined. A NaN later on spreads by arithmetic:
 * to every window that contains it, and to all later values of a recursion. Periods are whole bars, at least 1.
 */

export type Values = readonly number[]

/** Arithmetic mean of the last `period` values. Look-back: period − 1. */
export function sma(x: Values, period: number): number[] {
  return rolling(x, period, mean)
}

/**
 * Exponential mean: e += k · (x − e) with k = 2 / (period + 1).
 * The first value is the mean of the first `period` values (TA-Lib). Look-back: period − 1.
 */
export function ema(x: Values, period: number): number[] {
  return smoothed(x, period, 2 / (period + 1))
}

/** Wilder's running mean: w += (x − w) / period, seeded like `ema`. Look-back: period − 1. */
export function wilder(x: Values, period: number): number[] {
  return smoothed(x, period, 1 / period)
}

/** Mean of the last `period` values weighted 1, 2, ..., period, the newest heaviest. Look-back: period − 1. */
export function wma(x: Values, period: number): number[] {
  return rolling(x, period, (window) => {
    const weighted = window.map((value, age) => value * (age + 1))
    return sum(weighted) / ((period * (period + 1)) / 2)
  })
}

/**
 * Wilder's relative strength index, 0 to 100: 100 · gain / (gain + loss) of the Wilder means of rises and falls.
 * 50 while nothing has moved at all (gain = loss = 0). A bar without a change shrinks both means alike: the value stays.
 * Look-back: period, since the first change needs two bars.
 */
export function rsi(x: Values, period: number): number[] {
  const changes = subtract(x, lag(x, 1))
  const gains = wilder(changes.map(rise), period)
  const losses = wilder(
    changes.map((change) => rise(-change)),
    period,
  )
  let value = NaN
  return gains.map((gain, bar) => {
    const total = gain + losses[bar]!
    if (changes[bar] === 0 && period > 1 && !Number.isNaN(value)) return value
    value = total === 0 ? 50 : (100 * gain) / total
    return value
  })
}

/** Population standard deviation (divisor n) of the last `period` values. Look-back: period − 1. */
export function stdDev(x: Values, period: number): number[] {
  return rolling(x, period, populationDeviation)
}

/** (x − mean) / standard deviation over the last `period` values; NaN where that deviation is 0. */
export function zScore(x: Values, period: number): number[] {
  return rolling(x, period, (window) => {
    const deviation = populationDeviation(window)
    return deviation === 0 ? NaN : (window.at(-1)! - mean(window)) / deviation
  })
}

/**
 * max(high − low, |high − previous close|, |low − previous close|) (Wilder).
 * Look-back: 1, also where the previous close is known before the other two.
 */
export function trueRange(high: Values, low: Values, close: Values): number[] {
  const before = lag(close, 1)
  const firstBar = firstDefined(close.map((value, bar) => value + high[bar]! + low[bar]!))
  return high.map((top, bar) => {
    if (bar <= firstBar) return NaN
    const bottom = low[bar]!
    return Math.max(top - bottom, Math.abs(top - before[bar]!), Math.abs(bottom - before[bar]!))
  })
}

/** Greatest of the last `period` values, the current bar included. Look-back: period − 1. */
export function highest(x: Values, period: number): number[] {
  return rolling(x, period, (window) => Math.max(...window))
}

/** Least of the last `period` values, the current bar included. Look-back: period − 1. */
export function lowest(x: Values, period: number): number[] {
  return rolling(x, period, (window) => Math.min(...window))
}

/** Change against the value `period` bars ago, in percent; zero only between equal values. Look-back: period. */
export function rateOfChange(x: Values, period: number): number[] {
  return zip(x, lag(x, period), (now, then) => {
    const change = (100 * (now - then)) / then
    const round = Math.round(change * 1e7) / 1e7
    const blur = Number.EPSILON * (100 + 3 * Math.abs(change))
    return round !== 0 && Math.abs(change - round) <= blur ? round : change
  })
}

/** The value `period` bars ago. Look-back: period. */
export function lag(x: Values, period: number): number[] {
  return x.map((_, bar) => x[bar - period] ?? NaN)
}

export function add(x: Values, y: Values): number[] {
  return zip(x, y, (a, b) => a + b)
}

export function subtract(x: Values, y: Values): number[] {
  return zip(x, y, (a, b) => a - b)
}

export function multiply(x: Values, y: Values): number[] {
  return zip(x, y, (a, b) => a * b)
}

export function divide(x: Values, y: Values): number[] {
  return zip(x, y, (a, b) => a / b)
}

/** Every value times `factor`. */
export function scale(x: Values, factor: number): number[] {
  return x.map((value) => value * factor)
}

/** Every value plus `amount`. */
export function offset(x: Values, amount: number): number[] {
  return x.map((value) => value + amount)
}

/** Applies `reduce` to each full window of `period` defined-from-the-start values, oldest first. */
function rolling(x: Values, period: number, reduce: (window: number[]) => number): number[] {
  const firstFull = firstDefined(x) + period - 1
  return x.map((_, bar) => {
    if (bar < firstFull) return NaN
    const window = x.slice(bar - period + 1, bar + 1)
    return window.some(Number.isNaN) ? NaN : reduce(window)
  })
}

/** The recursion s += rate · (x − s), seeded by the mean of the first `period` defined values. */
function smoothed(x: Values, period: number, rate: number): number[] {
  const seedBar = firstDefined(x) + period - 1
  let state = NaN
  return x.map((value, bar) => {
    if (bar < seedBar) return NaN
    state =
      bar === seedBar ? mean(x.slice(bar - period + 1, bar + 1)) : state + rate * (value - state)
    return state
  })
}

/** Index of the first value that is not NaN; the length when there is none. */
function firstDefined(x: Values): number {
  const found = x.findIndex((value) => !Number.isNaN(value))
  return found === -1 ? x.length : found
}

/** Deviations are taken from the first value, so that equal values have deviation exactly 0. */
function populationDeviation(window: Values): number {
  const shifted = window.map((value) => value - window[0]!)
  const center = mean(shifted)
  return Math.sqrt(mean(shifted.map((value) => (value - center) ** 2)))
}

function zip(x: Values, y: Values, combine: (a: number, b: number) => number): number[] {
  return x.map((value, bar) => combine(value, y[bar]!))
}

/** The positive part; NaN stays NaN. */
function rise(change: number): number {
  return Math.max(change, 0)
}

function mean(values: Values): number {
  return sum(values) / values.length
}

function sum(values: Values): number {
  return values.reduce((total, value) => total + value, 0)
}
