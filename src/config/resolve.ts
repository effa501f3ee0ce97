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
  /** Signals may act on bars that open in [startMs, endMs). */
  readonly startMs: EpochMs
  readonly endMs: EpochMs
  /** Days of candles to read before `startMs`. */
  readonly warmupDays: number
  /** What an unknown seed of a recursive indicator may weigh at the first judged bar. */
  readonly seedWeightMax: number
  readonly execution: Execution
}

/** One strategy on one symbol. */
export interface BacktestRun {
  /** Name in strategies.yaml. */
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

/**
 * Returns a configured backtest with everything it leaves to strategies.yaml and settings.yaml looked up.
 * @throws ConfigError `CONFIG_UNKNOWN_NAME` when there is no such backtest
 */
export function resolveBacktest(config: Config, name: string): ResolvedBacktest {
  const backtest = named(config, 'backtests', name)
  const runs = backtest.strategies.flatMap((strategy) => {
    const { type, params, symbols, interval } = named(config, 'strategies', strategy)
    const own = backtest.symbol === undefined ? symbols : [backtest.symbol]
    return (backtest.symbols ?? own).map((symbol) =>
      Object.freeze({ strategy, type, params, symbol, interval: backtest.interval ?? interval }),
    )
  })
  return Object.freeze({
    name,
    title: backtest.name ?? name,
    ...resolveMarket(config, backtest, backtest),
    runs: Object.freeze(runs),
  })
}

/**
 * Returns a configured sweep with everything it leaves to its backtest, strategy and settings.yaml looked up.
 * @throws ConfigError `CONFIG_UNKNOWN_NAME` when there is no such sweep
 */
export function resolveSweep(config: Config, name: string): ResolvedSweep {
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
    symbol,
    interval,
    params: configured?.params ?? Object.freeze({}),
    axes: sweep.params,
    ...resolveMarket(config, { ...definedOf(backtest), ...definedOf(sweep) }, { start, end }),
    where: sweep.where,
    objective: sweep.objective,
    constraints: sweep.constraints,
    top: sweep.top,
  })
}

type Overrides = { readonly exchange?: string | undefined } & {
  readonly [K in ExecutionName]?: Execution[K] | undefined
}

function resolveMarket(
  { settings }: Config,
  own: Overrides,
  period: { readonly start: string; readonly end: string },
): ResolvedMarket {
  const { backtesting } = settings
  return {
    exchange: own.exchange ?? settings.default_exchange,
    startMs: epochMs(period.start),
    endMs: epochMs(period.end),
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

function epochMs(text: string): EpochMs {
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

export interface ExchangeKeys {
  readonly apiKey: string
  readonly apiSecret: string
}

/**
 * Returns the keys of an exchange that is about to be used.
 * @throws ConfigError `CONFIG_SECRET_UNSET` naming the environment variable and its place, or that no key is configured
 */
export function requireSecrets(config: Config, exchange: string): ExchangeKeys {
  const { api_key, api_secret } = named(config, 'exchanges', exchange)
  if (api_key !== undefined && api_secret !== undefined) {
    return { apiKey: api_key.reveal(), apiSecret: api_secret.reveal() }
  }
  const key = api_key === undefined ? 'api_key' : 'api_secret'
  throw new ConfigError(
    'CONFIG_SECRET_UNSET',
    `${config.dir}/exchanges.yaml  exchanges.${exchange}: ${key} is missing, and this exchange is needed now. Add ${key}: \${NAME}.`,
    { context: { exchange, key } },
  )
}
