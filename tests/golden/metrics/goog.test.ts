import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { evaluateCondition, operandsOf } from '../../../bench/reference/evaluate.ts'
import { simulate } from '../../../bench/reference/simulate.ts'
import {
  CANDLE_SYMBOLS,
  crossesAbove,
  crossesBelow,
  operation,
} from '../../../src/kernel/expression.ts'
import { FREE } from '../../support/execution.ts'
import goog from './goog.json'

setDefaultTimeout(60_000)

/**
 * Long half of backtesting.py's published SMA crossings over daily GOOG prices. Its runs are always in the market, so
 * its long trades are ours; sizes differ (whole units there), bars and prices do not. Its commission of 0.2 % moved
 * the entry price only, as our slippage does.
 */
const COMMISSION = 0.002
const { open, close } = goog
const candles = { open, high: close, low: close, close, volume: close }
const operands = operandsOf(candles, {})
const window = (slow: number) => ({ first: slow, end: close.length })

function signalsOf(fast: number, slow: number) {
  const average = (period: number) => operation('sma', [CANDLE_SYMBOLS.close], [period])
  const [left, right] = [average(fast), average(slow)]
  return {
    enterLong: evaluateCondition(crossesAbove(left, right), operands),
    exitLong: evaluateCondition(crossesBelow(left, right), operands),
  }
}

describe('published runs of backtesting.py', () => {
  for (const { fast, slow, trades, longTrades } of goog.runs) {
    const signals = signalsOf(fast, slow)

    test(`SMA ${fast}/${slow} crosses once per published trade and once for the open one`, () => {
      const crosses = [signals.enterLong, signals.exitLong].map(
        (bits) => bits.slice(slow, -1).filter(Boolean).length,
      )
      expect(crosses[0]! + crosses[1]!).toBe(trades + 1)
    })

    if (longTrades.length === 0) continue
    test(`SMA ${fast}/${slow} has the published long trades`, () => {
      const execution = { ...FREE, slippage: COMMISSION } as const
      const run = simulate({ open, close, ...signals, window: window(slow), execution })
      const rounded = run.trades.map((trade) => [
        trade.entryBar,
        trade.exitBar,
        Number(trade.entryPrice.toFixed(2)),
        Number((trade.exitPrice / (1 - COMMISSION)).toFixed(2)),
      ])
      expect(rounded).toEqual(expect.arrayContaining([...longTrades]))
    })
  }
})
