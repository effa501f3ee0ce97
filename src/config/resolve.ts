import { ConfigError, invariant } from '../core/errors.ts'
import {
  EXECUTION_NAMES,
  type Execution,
  type ExecutionName,
  isExecutionRule,
} from '../core/execution.ts'
import type { MetricName } from '../core/metrics.ts'
import { didYouMean } from '../core/suggest.ts'
import { type EpochMs, findEpochMs } from '../core/units.ts'
import type { Config, ConfigValues } from './config.ts'
import { entry, sweepBasis } from './effective.ts'

interface ResolvedMarket {
  readonly exchange: string
  /** Signals may act on bars that open in [startMs, endMs); undefined: from the first stored bar, to the last one. */
  readonly startMs: EpochMs | undefined
  readonly endMs: EpochMs | undefined
  /** Days of candles to read before `startMs`. */
  readonly warmupDays: number
  /** What an unknown seed of a recursive indicator may weigh at the first judged bar. */
  readonly seedWeightMax: number
  readonly execution: Execution
}

/** What is asked for of a market in place of what the configuration says. */
export interface MarketChoice {
  readonly exchange?: string | undefined
  readonly symbols?: readonly string[] | undefined
  readonly interval?: string | undefined
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

/** A configured backtest, whose strategies may be replaced, or strategies alone. */
export interface BacktestChoice {
  readonly backtest?: string | undefined
  /** Names in strategies.yaml, or types with their defaults. */
  readonly strategies?: readonly string[] | undefined
}

/** One strategy on one symbol. */
export interface BacktestRun {
  /** Name in strategies.yaml, or a type. */
  readonly strategy: string
  readonly type: string
  readonly params: Readonly<Record<string, number>>
  readonly symbol: string
  readonly interval: string
}

export interface ResolvedBacktest extends ResolvedMarket {
  readonly name: string
  readonly title: string
  /** Strategies in config order, each on its symbols in config order. */
  readonly runs: readonly BacktestRun[]
}

/** Values of a parameter as the file says them; see docs/configuration.md. */
export type AxisValues = ConfigValues['sweeps'][string]['params'][string]

export interface ResolvedSweep extends ResolvedMarket {
  readonly name: string
  /** As the sweep names it: a configured strategy or a type. */
  readonly strategy: string
  readonly type: string
  readonly symbol: string
  readonly interval: string
  /** Fixed values of a configured strategy. Neither here nor in `axes`: the default of the type. */
  readonly params: Readonly<Record<string, number>>
  readonly axes: Readonly<Record<string, AxisValues>>
  readonly where: string | undefined
  readonly objective: MetricName
  readonly constraints: readonly string[]
  readonly top: number
}

/** Names a backtest of strategies that were named alone. */
const UNNAMED = 'unnamed'

/**
 * Returns a backtest with everything it leaves to strategies.yaml and settings.yaml looked up.
 * @param market replaces what the configuration says
 * @throws ConfigError `CONFIG_UNKNOWN_NAME` for a backtest, strategy or exchange that is not known, `MARKET_MISSING` when
 * nothing says which market a type runs on
 */
export function resolveBacktest(
  config: Config,
  { backtest: name, strategies }: BacktestChoice,
  market: MarketChoice = {},
): ResolvedBacktest {
  const backtest = name === undefined ? undefined : named(config, 'backtests', name)
  const names = strategies ?? backtest?.strategies ?? []
  const { symbol, symbols = symbol === undefined ? undefined : [symbol] } = backtest ?? {}
  const runs = names.flatMap((strategy) => {
    const own = strategyNamed(config, strategy)
    const onSymbols = market.symbols ?? symbols ?? own.symbols
    const interval = market.interval ?? backtest?.interval ?? own.interval
    if (onSymbols === undefined) throw marketMissing(strategy, '--symbol BTCUSDT')
    if (interval === undefined) throw marketMissing(strategy, '--interval 1h')
    const { type, params } = own
    return onSymbols.map((one) => Object.freeze({ strategy, type, params, symbol: one, interval }))
  })
  return Object.freeze({
    name: name ?? UNNAMED,
    title: backtest?.name ?? name ?? names.join(', '),
    ...resolveMarket(config, backtest ?? {}, { ...backtest, ...market }),
    runs: Object.freeze(runs),
  })
}

type OwnStrategy = Pick<BacktestRun, 'type' | 'params'> & {
  readonly symbols?: readonly string[]
  readonly interval?: string
}

/** A configured strategy, or a type, which has its defaults and no market. */
function strategyNamed(config: Config, name: string): OwnStrategy {
  const configured = entry(config.strategies, name)
  if (configured !== undefined) return configured
  if (config.strategyTypes.includes(name)) return { type: name, params: Object.freeze({}) }
  const known = [...Object.keys(config.strategies), ...config.strategyTypes]
  throw new ConfigError(
    'CONFIG_UNKNOWN_NAME',
    `strategy '${name}' is neither in ${config.dir}/strategies.yaml nor a type.${didYouMean(name, known)} Known: ${known.join(', ') || 'none'}.`,
    { context: { kind: 'strategy', name } },
  )
}

function marketMissing(strategy: string, option: string): ConfigError {
  return new ConfigError(
    'MARKET_MISSING',
    `strategy type '${strategy}' has no market of its own. Add ${option}.`,
    { context: { strategy } },
  )
}

/**
 * Returns a configured sweep with everything it leaves to its backtest, strategy and settings.yaml looked up.
 * @param market replaces what the configuration says
 * @throws ConfigError `CONFIG_UNKNOWN_NAME` when there is no such sweep or exchange, `SWEEP_SYMBOLS` for several symbols
 */
export function resolveSweep(
  config: Config,
  name: string,
  market: MarketChoice = {},
): ResolvedSweep {
  const sweep = named(config, 'sweeps', name)
  const { strategy, symbol, interval, start, end } = sweepBasis(config, sweep)
  const backtest =
    sweep.backtest === undefined ? undefined : named(config, 'backtests', sweep.backtest)
  const isComplete = strategy && symbol && interval && start && end
  invariant(isComplete, 'a valid sweep has a strategy, a market and a period')
  const configured = entry(config.strategies, strategy)
  return Object.freeze({
    name,
    strategy,
    type: configured?.type ?? strategy,
    symbol: onlySymbol(name, market.symbols) ?? symbol,
    interval: market.interval ?? interval,
    params: configured?.params ?? Object.freeze({}),
    axes: sweep.params,
    ...resolveMarket(
      config,
      { ...definedOf(backtest), ...definedOf(sweep) },
      { start, end, ...market },
    ),
    where: sweep.where,
    objective: sweep.objective,
    constraints: sweep.constraints,
    top: sweep.top,
  })
}

function onlySymbol(sweep: string, symbols: readonly string[] = []): string | undefined {
  if (symbols.length <= 1) return symbols[0]
  throw new ConfigError(
    'SWEEP_SYMBOLS',
    `sweep '${sweep}' runs on one market, and ${symbols.length} were given: ${symbols.join(', ')}. Sweep each of them alone.`,
    { context: { sweep, symbols } },
  )
}

type Overrides = { readonly exchange?: string | undefined } & {
  readonly [K in ExecutionName]?: Execution[K] | undefined
}

interface Period extends Pick<MarketChoice, 'exchange' | 'fromMs' | 'toMs'> {
  readonly start?: string
  readonly end?: string
}

function resolveMarket(
  config: Config,
  own: Overrides,
  { exchange, start, end, fromMs, toMs }: Period,
): ResolvedMarket {
  const { settings } = config
  const { backtesting, default_exchange } = settings
  const isListed = Object.keys(config.exchanges).length > 0
  if (exchange !== undefined && isListed) named(config, 'exchanges', exchange)
  return {
    exchange: exchange ?? own.exchange ?? default_exchange,
    startMs: (fromMs as EpochMs | undefined) ?? epochMs(start),
    endMs: (toMs as EpochMs | undefined) ?? epochMs(end),
    warmupDays: backtesting.warmup_days,
    seedWeightMax: backtesting.seed_weight_max,
    execution: resolveExecution(settings, own),
  }
}

function resolveExecution({ backtesting, trading }: Config['settings'], own: Overrides): Execution {
  const defaultOf = (name: ExecutionName) =>
    isExecutionRule(name) ? backtesting[name] : trading[`default_${name}`]
  const entries = EXECUTION_NAMES.map((name) => [name, own[name] ?? defaultOf(name)])
  return Object.freeze(Object.fromEntries(entries))
}

/** The override keys only, so that one record can lie over another. */
function definedOf(own: Overrides | undefined): Overrides {
  const keys = ['exchange', ...EXECUTION_NAMES] as const
  return Object.fromEntries(
    keys.flatMap((key) => (own?.[key] === undefined ? [] : [[key, own[key]]])),
  )
}

function epochMs(text: string | undefined): EpochMs | undefined {
  if (text === undefined) return undefined
  const ms = findEpochMs(text)
  invariant(ms !== undefined, 'dates of a valid configuration parse')
  return ms
}

type NamedKind = 'exchanges' | 'strategies' | 'backtests' | 'sweeps'
const SINGULAR = {
  exchanges: 'exchange',
  strategies: 'strategy',
  backtests: 'backtest',
  sweeps: 'sweep',
} as const

/**
 * Returns an entry of a file by name.
 * @throws ConfigError `CONFIG_UNKNOWN_NAME` with the nearest known name
 */
export function named<K extends NamedKind>(
  config: Config,
  kind: K,
  name: string,
): ConfigValues[K][string] {
  const entries = config[kind]
  // TypeScript does not follow that the entries of `config[K]` are `ConfigValues[K][string]`.
  const found = entry<unknown>(entries, name) as ConfigValues[K][string] | undefined
  if (found !== undefined) return found
  const known = Object.keys(entries)
  throw new ConfigError(
    'CONFIG_UNKNOWN_NAME',
    `${SINGULAR[kind]} '${name}' is not in ${config.dir}/${kind}.yaml.${didYouMean(name, known)} Known: ${known.join(', ') || 'none'}.`,
    { context: { kind: SINGULAR[kind], name } },
  )
}
