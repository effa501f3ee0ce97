import type { Execution } from '../../src/core/execution.ts'
import { METRICS, type MetricName } from '../../src/core/metrics.ts'
import type { BarWindow } from '../../src/kernel/types.ts'
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
  const ratio = finalEquity / execution.initial_capital
  const growth = Math.abs(ratio - 1) < TOLERANCE ? 1 : ratio
  const years = (points.at(-1)!.time - points[0]!.time) / (DAYS_PER_YEAR * DAY_MS)
  const cagr = years * DAYS_PER_YEAR < CAGR_DAYS_MIN ? NaN : finite(growth ** (1 / years) - 1)
  const grew = !Number.isNaN(cagr) && growth > 1
  const worst = worstDrawdown(points)
  const turnover = tradedNotional(run.trades) / mean(run.equity) / years
  const closed = run.trades.filter((trade) => trade.exitBar !== -1)
  const metrics = {
    total_return: finite(growth - 1),
    cagr,
    ...dailyMetrics(dailyReturns(input)),
    calmar: overLosses(grew, worst.depth > 0, cagr / worst.depth),
    max_drawdown: worst.depth,
    max_drawdown_days: worst.durationMs / DAY_MS,
    exposure: mean(run.exposure),
    turnover: finite(turnover),
    ...tradeMetrics(closed, execution.commission),
    fees: finite(sum(run.trades.map((trade) => trade.fees))),
    final_equity: finalEquity,
  }
  if (!Number.isFinite(sum(run.equity))) return overflown(metrics)
  return run.bust ? { ...metrics, ...NO_RATIOS } : metrics
}

/** What an account that lost everything has no figure of. */
const NO_RATIOS = {
  volatility: NaN,
  sharpe: NaN,
  sortino: NaN,
  calmar: NaN,
  profit_factor: NaN,
  sqn: NaN,
} as const

/** What remains of the metrics where equity is beyond the range of a double. */
function overflown({ exposure, trades }: ReferenceMetrics): ReferenceMetrics {
  const unknown = Object.fromEntries(METRICS.map((name) => [name, NaN])) as Record<
    MetricName,
    number
  >
  return { ...unknown, exposure, trades }
}

/** A ratio of what was won to what was lost: unbounded where something was won and nothing lost. */
function overLosses(won: boolean, lost: boolean, ratio: number): number {
  if (lost) return finite(ratio)
  return won ? Infinity : NaN
}

/** An overflow is no figure. Adding 0 takes the sign from a zero. */
function finite(value: number): number {
  return Number.isFinite(value) ? value + 0 : NaN
}

/** E_0 at the open of the window's first bar, then the equity at each bar's close. */
export function equityPoints(input: MetricsInput): EquityPoint[] {
  const { openTime, intervalMs, window, execution, run } = input
  const start = { time: openTime[window.first]!, equity: execution.initial_capital }
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
  let before = execution.initial_capital
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
  const counted = beyondRounding(returns)
  const deviation = finite(sampleDeviation(counted))
  const still = deviation < TOLERANCE * (1 + mean(counted))
  const downside = Math.sqrt(mean(counted.map((value) => Math.min(value, 0) ** 2)))
  const annual = Math.sqrt(DAYS_PER_YEAR)
  const gain = annual * mean(counted)
  return {
    volatility: still ? 0 : finite(annual * deviation),
    sharpe: still ? NaN : finite(gain / deviation),
    sortino: overLosses(gain > 0, downside > 0, gain / downside),
  }
}

/** Daily returns as they count: 0 below the tolerance. */
export function beyondRounding(returns: Values): number[] {
  return returns.map((value) => (Math.abs(value) < TOLERANCE ? 0 : value))
}

/** A fall below the highest equity so far. */
interface Fall {
  readonly depth: number
  readonly durationMs: number
}

/**
 * The deepest fall. One ends at the first point within the tolerance of its peak; one that is not deeper than the deepest
 * before it by the tolerance is as deep, and the first of them counts. None is as deep as the loss of everything.
 */
export function worstDrawdown(points: readonly EquityPoint[]): Fall {
  let worst: Fall = { depth: 0, durationMs: 0 }
  let peak = points[0]!.equity
  let since = points[0]!.time
  let lowest = peak
  const end = (time: number) => {
    const depth = 1 - lowest / peak
    if (lowest === 0 || depth - worst.depth >= TOLERANCE)
      worst = { depth, durationMs: time - since }
  }
  for (const { time, equity } of points) {
    if (equity >= peak * (1 - TOLERANCE)) {
      end(time)
      peak = Math.max(peak, equity)
      since = time
      lowest = peak
    } else {
      lowest = Math.min(lowest, equity)
    }
  }
  end(points.at(-1)!.time)
  return worst
}

/**
 * 1 − equity / highest equity so far at each bar's close, the initial capital included as a peak; 0 within the tolerance.
 */
export function drawdowns(equity: Values, initialCapital: number): number[] {
  let peak = initialCapital
  return equity.map((value) => {
    peak = Math.max(peak, value)
    const depth = 1 - value / peak
    return depth < TOLERANCE ? 0 : depth
  })
}

/** Figures of the closed round trips. */
export function tradeMetrics(
  closed: readonly ReferenceTrade[],
  commission = 0,
): {
  readonly trades: number
  readonly win_rate: number
  readonly profit_factor: number
  readonly expectancy: number
  readonly sqn: number
} {
  const pnls = countedPnls(closed, commission)
  const wins = pnls.filter((pnl) => pnl > 0)
  const losses = pnls.filter((pnl) => pnl < 0)
  const decided = wins.length + losses.length
  return {
    trades: closed.length,
    win_rate: decided === 0 ? NaN : wins.length / decided,
    profit_factor: overLosses(wins.length > 0, losses.length > 0, sum(wins) / -sum(losses)),
    expectancy: finite(mean(closed.map((trade) => trade.return))),
    sqn: systemQuality(pnls, mean(closed.map((trade) => receivedFor(trade, commission)))),
  }
}

/** The pnl of closed trades as it counts: 0 for those that broke even. */
export function countedPnls(closed: readonly ReferenceTrade[], commission: number): number[] {
  const brokeEven = (trade: ReferenceTrade) => Math.abs(growthOf(trade, commission) - 1) < TOLERANCE
  return closed.map((trade) => (brokeEven(trade) ? 0 : trade.pnl))
}

/** Cash received for the size of a trade, per cash spent on it. */
function growthOf({ entryPrice, exitPrice }: ReferenceTrade, commission: number): number {
  return (exitPrice * (1 - commission)) / (entryPrice * (1 + commission))
}

function receivedFor({ size, exitPrice }: ReferenceTrade, commission: number): number {
  return size * exitPrice * (1 - commission)
}

/** Van Tharp's system quality number, √n · mean / sample deviation of pnl, of trades that returned `received` each. */
function systemQuality(pnls: Values, received: number): number {
  if (pnls.length < 2) return NaN
  const deviation = finite(sampleDeviation(pnls))
  if (!(deviation >= TOLERANCE * received)) return NaN
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
