import type { MetricName } from '../../src/core/metrics.ts'
import type { BarWindow, Execution } from '../../src/kernel/types.ts'
import type { Values } from './indicators.ts'
import type { ReferenceRun, ReferenceTrade } from './simulate.ts'

const DAY_MS = 86_400_000
const DAYS_PER_YEAR = 365
/** What differs by less, as a fraction of what it is compared with, differs by rounding. */
const TOLERANCE = 1e-12
/** Annualising less than this is noise. */
const CAGR_DAYS_MIN = 30

/**
 * All metrics by name; NaN where the sample does not carry the figure, +Infinity where nothing was lost to compare the
 * gain with. Definitions: docs/metrics.md.
 */
export type ReferenceMetrics = Readonly<Record<MetricName, number>>

/** Equity at one instant. */
export interface EquityPoint {
  readonly time: number
  readonly equity: number
}

export interface MetricsInput {
  /** Open times of all candles, epoch ms. */
  readonly openTime: Values
  readonly intervalMs: number
  readonly window: BarWindow
  readonly execution: Execution
  readonly run: ReferenceRun
}

/** Computes every metric from the bar equity and the trades. The window must hold at least one bar. */
export function computeMetrics(input: MetricsInput): ReferenceMetrics {
  const { run, execution } = input
  const points = equityPoints(input)
  const finalEquity = points.at(-1)!.equity
  const growth = finalEquity / execution.initialCapital
  const years = (points.at(-1)!.time - points[0]!.time) / (DAYS_PER_YEAR * DAY_MS)
  const cagr = years * DAYS_PER_YEAR < CAGR_DAYS_MIN ? NaN : finite(growth ** (1 / years) - 1)
  const worst = worstDrawdown(points)
  const grew = !Number.isNaN(cagr) && growth - 1 >= TOLERANCE
  const turnover = tradedNotional(run.trades) / mean(run.equity) / years
  return {
    total_return: finite(growth - 1),
    cagr,
    ...dailyMetrics(dailyReturns(input)),
    calmar: overLosses(grew, worst.depth > 0, cagr / worst.depth),
    max_drawdown: finite(worst.depth),
    max_drawdown_days: worst.durationMs / DAY_MS,
    exposure: mean(run.exposure),
    turnover: finite(turnover),
    ...tradeMetrics(run.trades.filter((trade) => trade.exitBar !== -1)),
    fees: finite(sum(run.trades.map((trade) => trade.fees))),
    final_equity: finite(finalEquity),
  }
}

/** A ratio of what was won to what was lost: unbounded where something was won and nothing lost. */
function overLosses(won: boolean, lost: boolean, ratio: number): number {
  if (lost) return finite(ratio)
  return won ? Infinity : NaN
}

/** An overflow is no figure. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : NaN
}

/** E_0 at the open of the window's first bar, then the equity at each bar's close. */
export function equityPoints(input: MetricsInput): EquityPoint[] {
  const { openTime, intervalMs, window, execution, run } = input
  const start = { time: openTime[window.first]!, equity: execution.initialCapital }
  const closes = run.equity.map((equity, i) => ({
    time: openTime[window.first + i]! + intervalMs,
    equity,
  }))
  return [start, ...closes]
}

/**
 * Returns of the UTC days from the first bar's day to the last bar's. The equity of a day is that of the last bar
 * which opens in it, carried forward through days without bars; before the first day it is the initial capital.
 */
export function dailyReturns(input: MetricsInput): number[] {
  const { openTime, window, execution, run } = input
  const dayOf = (bar: number) => Math.floor(openTime[bar]! / DAY_MS)
  const lastOfDay = new Map(run.equity.map((equity, i) => [dayOf(window.first + i), equity]))
  const returns: number[] = []
  let before = execution.initialCapital
  for (let day = dayOf(window.first); day <= dayOf(window.end - 1); day++) {
    const equity = lastOfDay.get(day) ?? before
    returns.push(equity / before - 1)
    before = equity
  }
  return returns
}

/** Annualised figures of daily returns; all NaN for fewer than two days. */
export function dailyMetrics(returns: Values): {
  readonly volatility: number
  readonly sharpe: number
  readonly sortino: number
} {
  if (returns.length < 2) return { volatility: NaN, sharpe: NaN, sortino: NaN }
  const deviation = sampleDeviation(returns)
  const downside = Math.sqrt(mean(returns.map((value) => Math.min(value, 0) ** 2)))
  const annual = Math.sqrt(DAYS_PER_YEAR)
  const gain = annual * mean(returns)
  return {
    volatility: finite(annual * deviation),
    sharpe: deviation < TOLERANCE ? NaN : finite(gain / deviation),
    sortino: overLosses(gain > 0, downside >= TOLERANCE, gain / downside),
  }
}

/** The deepest fall below the highest equity so far; of equally deep ones the first. */
export function worstDrawdown(points: readonly EquityPoint[]): {
  readonly depth: number
  readonly durationMs: number
} {
  let peak = points[0]!
  let worst = { depth: 0, peak, at: 0 }
  points.forEach((point, at) => {
    if (point.equity >= peak.equity) peak = point
    const depth = 1 - point.equity / peak.equity
    if (depth > worst.depth) worst = { depth, peak, at }
  })
  if (worst.depth < TOLERANCE) return { depth: 0, durationMs: 0 }
  const recovery = points.slice(worst.at).find((point) => point.equity >= worst.peak.equity)
  const end = recovery ?? points.at(-1)!
  return { depth: worst.depth, durationMs: end.time - worst.peak.time }
}

/** 1 − equity / highest equity so far at each bar's close, the initial capital included as a peak. */
export function drawdowns(equity: Values, initialCapital: number): number[] {
  let peak = initialCapital
  return equity.map((value) => {
    peak = Math.max(peak, value)
    return 1 - value / peak
  })
}

/** Figures of the closed round trips. */
export function tradeMetrics(closed: readonly ReferenceTrade[]): {
  readonly trades: number
  readonly win_rate: number
  readonly profit_factor: number
  readonly expectancy: number
  readonly sqn: number
} {
  const pnls = closed.map((trade) => trade.pnl)
  const wins = closed.filter((trade) => growthOf(trade) >= TOLERANCE).map(({ pnl }) => pnl)
  const losses = closed.filter((trade) => growthOf(trade) <= -TOLERANCE).map(({ pnl }) => pnl)
  const decided = wins.length + losses.length
  return {
    trades: closed.length,
    win_rate: decided === 0 ? NaN : wins.length / decided,
    profit_factor: overLosses(wins.length > 0, losses.length > 0, sum(wins) / -sum(losses)),
    expectancy: finite(mean(closed.map((trade) => trade.return))),
    sqn: systemQuality(pnls),
  }
}

/** What the trade made of the cash that it spent, less 1. */
function growthOf({ pnl, size, entryPrice, entryFee }: ReferenceTrade): number {
  return pnl / (size * entryPrice + entryFee)
}

/** Van Tharp's system quality number: √n · mean / sample deviation of the trades' pnl. */
function systemQuality(pnls: Values): number {
  if (pnls.length < 2) return NaN
  const deviation = sampleDeviation(pnls)
  if (deviation < TOLERANCE * Math.max(1, Math.abs(mean(pnls)))) return NaN
  return finite((Math.sqrt(pnls.length) * mean(pnls)) / deviation)
}

/** Sum of size · price over all fills; an open position has only its entry. */
function tradedNotional(trades: readonly ReferenceTrade[]): number {
  return sum(
    trades.map(({ size, entryPrice, exitPrice, exitBar }) =>
      exitBar === -1 ? size * entryPrice : size * entryPrice + size * exitPrice,
    ),
  )
}

/** Standard deviation with divisor n − 1. */
function sampleDeviation(values: Values): number {
  const center = mean(values)
  return Math.sqrt(sum(values.map((value) => (value - center) ** 2)) / (values.length - 1))
}

function mean(values: Values): number {
  return sum(values) / values.length
}

function sum(values: Values): number {
  return values.reduce((total, value) => total + value, 0)
}
