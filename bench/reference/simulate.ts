import type { Execution } from '../../src/core/execution.ts'
import type { BarWindow } from '../../src/kernel/types.ts'
import type { Values } from './indicators.ts'

/** One round trip, or the position still open at the end (`exitBar` −1, `exitPrice` NaN). Money in quote, sizes in base. */
export interface ReferenceTrade {
  readonly entryBar: number
  readonly exitBar: number
  readonly entryPrice: number
  readonly exitPrice: number
  readonly size: number
  /** Net of both fees; of an open position at the last close, without an exit fee. */
  readonly pnl: number
  /** pnl / (size · entry price). */
  readonly return: number
  readonly fees: number
}

/** What the simulation leaves for the metrics: one value per bar of the window, and the trades in order. */
export interface ReferenceRun {
  /** cash + size · close at each bar's close, quote. */
  readonly equity: Values
  /** 1 while a position is held at the bar's close, else 0. */
  readonly exposure: Values
  readonly trades: readonly ReferenceTrade[]
  /** True when the account lost everything: equity is 0 from some bar on, and no trade follows. */
  readonly bust: boolean
}

export interface SimulationInput {
  readonly open: Values
  readonly close: Values
  readonly enterLong: readonly boolean[]
  readonly exitLong: readonly boolean[]
  readonly window: BarWindow
  readonly execution: Execution
}

/** Equity below this fraction of the initial capital is nothing. */
const BUST = 1e-6

interface Account {
  cash: number
  bust: boolean
  position: Position | undefined
  readonly trades: ReferenceTrade[]
}

interface Position {
  readonly bar: number
  readonly price: number
  readonly size: number
  readonly fee: number
}

type Order = 'buy' | 'sell' | undefined

/** Walks the bars of the window once: fills, then marks to market. Long only, always fully invested. */
export function simulate(input: SimulationInput): ReferenceRun {
  const { window, execution, open, close } = input
  const account: Account = {
    cash: execution.initial_capital,
    bust: false,
    position: undefined,
    trades: [],
  }
  const equity: number[] = []
  const exposure: number[] = []
  for (let bar = window.first; bar < window.end; bar++) {
    if (execution.fill === 'close') {
      fill(account, orderOf(input, bar), bar, close[bar]!, execution)
    } else if (bar > window.first) {
      fill(account, orderOf(input, bar - 1), bar, open[bar]!, execution)
    }
    equity.push(account.cash + (account.position?.size ?? 0) * close[bar]!)
    exposure.push(account.position === undefined ? 0 : 1)
  }
  if (account.position !== undefined) {
    account.trades.push(openTrade(account.position, close[window.end - 1]!))
    if (equity.at(-1)! < BUST * execution.initial_capital) {
      equity[equity.length - 1] = 0
      account.bust = true
    }
  }
  return { equity, exposure, trades: account.trades, bust: account.bust }
}

/** What the signals of `bar` ask for; entry and exit on one bar cancel each other. */
function orderOf(input: SimulationInput, bar: number): Order {
  const enter = input.enterLong[bar]!
  const exit = input.exitLong[bar]!
  if (enter === exit) return undefined
  return enter ? 'buy' : 'sell'
}

/**
 * Executes an order at `price` before costs. Buying while long and selling while flat do nothing, and a bust account
 * trades no more.
 */
function fill(
  account: Account,
  order: Order,
  bar: number,
  price: number,
  execution: Execution,
): void {
  if (account.bust) return
  if (order === 'buy' && account.position === undefined) buy(account, bar, price, execution)
  if (order === 'sell' && account.position !== undefined) {
    sell(account, account.position, bar, price, execution)
    if (account.cash < BUST * execution.initial_capital) {
      account.cash = 0
      account.bust = true
    }
  }
}

function buy(account: Account, bar: number, marketPrice: number, execution: Execution): void {
  const price = marketPrice * (1 + execution.slippage)
  const size = account.cash / (price * (1 + execution.commission))
  const fee = size * price * execution.commission
  account.position = { bar, price, size, fee }
  account.cash = 0
}

function sell(
  account: Account,
  position: Position,
  bar: number,
  marketPrice: number,
  execution: Execution,
): void {
  const price = marketPrice * (1 - execution.slippage)
  const fee = position.size * price * execution.commission
  account.cash += position.size * price - fee
  account.position = undefined
  account.trades.push({ ...tradeOf(position, price, fee), exitBar: bar, exitPrice: price })
}

function openTrade(position: Position, lastClose: number): ReferenceTrade {
  return { ...tradeOf(position, lastClose, 0), exitBar: -1, exitPrice: NaN }
}

function tradeOf(position: Position, lastPrice: number, exitFee: number) {
  const fees = position.fee + exitFee
  const pnl = position.size * (lastPrice - position.price) - fees
  return {
    entryBar: position.bar,
    entryPrice: position.price,
    size: position.size,
    pnl,
    return: pnl / (position.size * position.price),
    fees,
  }
}
