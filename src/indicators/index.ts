/** The public face of strategy authors: everything that a strategy file needs. */

export { Type } from 'typebox'
export {
  above,
  and,
  atLeast,
  atMost,
  below,
  type CandleSymbols,
  type Condition,
  crossesAbove,
  crossesBelow,
  not,
  or,
  outputs,
  type Scalar,
  type Series,
  type Signals,
  scalar,
} from '../kernel/expression.ts'
export { defineStrategy, type ParamSymbols, type StrategyDefinition } from '../kernel/strategy.ts'
export { add, divide, lag, multiply, offset, scale, subtract } from './arithmetic.ts'
export { donchian, highest, lowest } from './channels.ts'
export { defineIndicator, type IndicatorDefinition, periodSchema } from './definition.ts'
export { ema, sma, wilder, wma } from './moving-averages.ts'
export { type Macd, type MacdPeriods, macd, rateOfChange, rsi } from './oscillators.ts'
export {
  atr,
  type Bands,
  type BollingerParams,
  bollingerBands,
  type RangeColumns,
  stdDev,
  trueRange,
  zScore,
} from './volatility.ts'
