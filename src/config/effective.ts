import type { ConfigValues, Draft } from './config.ts'

type Values = Draft<ConfigValues>
type DraftSweep = NonNullable<NonNullable<Values['sweeps']>[string]>

/** What a sweep runs on once its backtest and its configured strategy have been looked up; undefined: not said anywhere. */
export interface SweepBasis {
  /** As the sweep or its backtest names it: a configured strategy or a type. */
  readonly strategy: string | undefined
  /** The configured strategy of that name; a type has none. */
  readonly configured: Draft<ConfigValues['strategies'][string]> | undefined
  readonly backtest: Draft<ConfigValues['backtests'][string]> | undefined
  readonly symbol: string | undefined
  readonly interval: string | undefined
  readonly start: string | undefined
  readonly end: string | undefined
}

/** Looks up what a sweep leaves to its backtest and strategy. A name in strategies.yaml wins over a type of that name. */
export function sweepBasis(values: Values, sweep: DraftSweep): SweepBasis {
  const backtest =
    sweep.backtest === undefined ? undefined : entry(values.backtests, sweep.backtest)
  const strategy = sweep.strategy ?? only(backtest?.strategies)
  const configured = strategy === undefined ? undefined : entry(values.strategies, strategy)
  return {
    strategy,
    configured,
    backtest,
    symbol: sweep.symbol ?? backtest?.symbol ?? only(backtest?.symbols ?? configured?.symbols),
    interval: sweep.interval ?? backtest?.interval ?? configured?.interval,
    start: sweep.start ?? backtest?.start,
    end: sweep.end ?? backtest?.end,
  }
}

/** Own entry of a record, never an inherited one such as `constructor`. */
export function entry<T>(
  record: Readonly<Record<string, T>> | undefined,
  name: string,
): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined
}

function only<T>(list: readonly (T | undefined)[] | undefined): T | undefined {
  return list?.length === 1 ? list[0] : undefined
}
