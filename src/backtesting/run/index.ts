export { BUY_AND_HOLD } from './buy-and-hold.ts'
export {
  type BacktestOutcome,
  type BacktestSpec,
  runBacktest,
  type TracedRun,
  type TracingKernel,
  writeEquity,
  writeTrades,
} from './run-backtest.ts'
