import { METRICS } from '../core/metrics.ts'
import type { Catalog } from './catalog.ts'
import { axisInterval, checkAxis, checkAxisValues } from './check-axes.ts'
import { FormulaNames, type ParamRanges } from './check-comparisons.ts'
import { checkFormula } from './check-formulas.ts'
import {
  type CheckInput,
  checkOwnExchange,
  checkPeriod,
  unknownName,
  unknownNameAt,
} from './check-names.ts'
import { entry, type SweepBasis, sweepBasis } from './effective.ts'
import { type SchemaView, viewOf } from './schema-view.ts'
import { labelOf } from './state.ts'

type DraftSweep = NonNullable<NonNullable<CheckInput['values']['sweeps']>[string]>

/** Checks a sweep: its axes, what it refers to, that nothing is missing, and its formulas. */
export function checkSweep(input: CheckInput, sweep: DraftSweep, path: string): void {
  const { state, values } = input
  const isOwn = sweep.backtest === undefined || state.has(`${path}.exchange`)
  if (isOwn) checkOwnExchange(input, sweep.exchange, path)
  for (const [param, axis] of Object.entries(sweep.params ?? {})) {
    if (axis !== undefined) checkAxis(state, axis, `${path}.params.${param}`)
  }
  const backtests = Object.keys(values.backtests ?? {})
  const { backtest } = sweep
  const isUnknown = backtest !== undefined && !backtests.includes(backtest)
  if (isUnknown && !input.broken.has('backtests')) {
    unknownName(state, `${path}.backtest`, `backtest '${backtest}'`, backtest, backtests)
  }
  const basis = sweepBasis(values, sweep)
  if (!isUnknown) checkCompleteness(input, sweep, basis, path)
  checkPeriod(state, basis, path)
  if (input.catalog === undefined) return
  const type = findType(input, input.catalog, basis, `${path}.strategy`)
  if (type !== undefined) checkParams(input, sweep, type, path)
  const params = type === undefined ? undefined : paramRanges(sweep, basis, type)
  checkFormulas(input, sweep, { path, params })
}

/** Reports what neither the sweep nor its backtest nor its strategy says. What is there but wrong has been reported. */
function checkCompleteness(
  { state, broken }: CheckInput,
  sweep: DraftSweep,
  basis: SweepBasis,
  path: string,
): void {
  if (sweep.backtest !== undefined && broken.has('backtests')) return
  const need = (key: string, value: unknown, how: string) => {
    if (value !== undefined || state.has(`${path}.${key}`)) return
    if (sweep.backtest !== undefined && state.has(`backtests.${sweep.backtest}.${key}`)) return
    if (state.has(`strategies.${basis.strategy}.${key}`)) return
    const message = `${labelOf(path)}: ${key} is missing.`
    state.error('CONFIG_MISSING', state.placeOf(path), message, how)
  }
  const count = basis.backtest?.strategies?.length ?? 0
  const several = `Backtest '${sweep.backtest}' has ${count} strategies: say which one.`
  need(
    'strategy',
    basis.strategy,
    count > 1 ? several : 'Add strategy, or backtest to take it from.',
  )
  // The name of a strategy that the backtest gives and nobody configures is reported there.
  const isOwn = basis.strategy === undefined || state.has(`${path}.strategy`)
  const canAsk = basis.configured !== undefined || (isOwn && !broken.has('strategies'))
  if (canAsk) {
    need('symbol', basis.symbol, 'Name one market, such as symbol: BTCUSDT.')
    need('interval', basis.interval, 'Name the candle interval, such as interval: 1h.')
  }
  need('start', basis.start, 'Name the first day, such as start: "2024-01-01".')
  need('end', basis.end, 'Name the end of the period (exclusive), such as end: "2025-01-01".')
}

interface SweptType {
  readonly name: string
  readonly properties: Readonly<Record<string, SchemaView>>
}

/** Returns the strategy type of a sweep; undefined, and reported, when its name is neither configured nor registered. */
function findType(
  { state, values, broken }: CheckInput,
  catalog: Catalog,
  { strategy, configured }: SweepBasis,
  path: string,
): SweptType | undefined {
  if (strategy === undefined) return undefined
  const types = catalog.strategies.names()
  const name = configured === undefined ? strategy : configured.type
  if (configured === undefined && !types.includes(strategy)) {
    const known = [...Object.keys(values.strategies ?? {}), ...types]
    // A name that comes from the backtest is reported there.
    const isOwn = state.has(path) && !broken.has('strategies')
    const { failed } = catalog.strategies
    if (isOwn) unknownName(state, path, `strategy '${strategy}'`, strategy, known, failed)
    return undefined
  }
  const schema = name === undefined ? undefined : catalog.strategies.paramsSchema(name)
  if (name === undefined || schema === undefined) return undefined
  return { name, properties: viewOf(schema).properties ?? {} }
}

function checkParams(
  { state }: CheckInput,
  sweep: DraftSweep,
  type: SweptType,
  path: string,
): void {
  const known = Object.keys(type.properties)
  for (const [param, axis] of Object.entries(sweep.params ?? {})) {
    const at = `${path}.params.${param}`
    const property = entry(type.properties, param)
    if (property === undefined) {
      const place = state.keyPlaces.get(at) ?? state.placeOf(at)
      unknownNameAt(state, place, at, `parameter '${param}' of ${type.name}`, param, known)
    } else if (axis !== undefined) checkAxisValues(state, axis, property, at)
  }
}

function checkFormulas(
  input: CheckInput,
  sweep: DraftSweep,
  { path, params }: { readonly path: string; readonly params: ParamRanges | undefined },
): void {
  const ofParams = params === undefined ? undefined : Object.keys(params)
  const ofAll = ofParams === undefined ? undefined : [...METRICS, ...ofParams]
  if (sweep.where !== undefined) {
    const names = new FormulaNames(params ?? {}, { hasMetrics: false })
    checkFormula(input, sweep.where, { path: `${path}.where`, known: ofParams, names })
  }
  const names = new FormulaNames(params ?? {}, { hasMetrics: true })
  sweep.constraints?.forEach((text, i) => {
    if (text === undefined) return
    checkFormula(input, text, { path: `${path}.constraints.${i}`, known: ofAll, names })
  })
}

/** Returns what each parameter of the strategy can be in a sweep: its axis, else its configured value, else the default. */
function paramRanges(sweep: DraftSweep, basis: SweepBasis, { properties }: SweptType): ParamRanges {
  const ranges = Object.entries(properties).map(([name, schema]) => {
    const axis = entry(sweep.params, name)
    const fixed = entry(basis.configured?.params, name) ?? schema.default
    const values = axis ?? (typeof fixed === 'number' ? fixed : undefined)
    return [name, axisInterval(values, schema)] as const
  })
  return Object.fromEntries(ranges)
}
