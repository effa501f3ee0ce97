import { METRICS } from '../core/metrics.ts'
import { findSuggestion } from '../core/suggest.ts'
import { findEpochMs } from '../core/units.ts'
import type { Catalog } from './catalog.ts'
import { checkAxis, checkAxisValues } from './check-axes.ts'
import type { ConfigValues, Draft } from './config.ts'
import { entry, type SweepBasis, sweepBasis } from './effective.ts'
import type { FileKey } from './files.ts'
import type { Place } from './problems.ts'
import { viewOf } from './schema-view.ts'
import { labelOf, type ReadState } from './state.ts'

/** Everything a check of one file against the others needs. */
export interface CheckInput {
  readonly state: ReadState
  readonly values: Draft<ConfigValues>
  readonly catalog: Catalog | undefined
  /** Files that do not parse: names that may be in them are not called unknown. */
  readonly broken: ReadonlySet<FileKey>
  /** The characters from a place on, unmasked; to point into a formula. */
  readonly textAt: (place: Place) => string
}

/** Checks periods, axes and every name that one file uses of another, or of what is registered. */
export function checkReferences(input: CheckInput): void {
  checkExchanges(input)
  for (const [name, strategy] of Object.entries(input.values.strategies ?? {})) {
    checkType(input, strategy?.type, `strategies.${name}.type`)
  }
  for (const [name, backtest] of Object.entries(input.values.backtests ?? {})) {
    if (backtest !== undefined) checkBacktest(input, backtest, `backtests.${name}`)
  }
  for (const [name, sweep] of Object.entries(input.values.sweeps ?? {})) {
    if (sweep !== undefined) checkSweep(input, sweep, `sweeps.${name}`)
  }
}

function checkExchanges(input: CheckInput): void {
  const { state, values, catalog } = input
  const path = 'settings.default_exchange'
  if (state.has(path)) checkExchangeName(input, values.settings?.default_exchange, { path })
  for (const [name, exchange] of Object.entries(values.exchanges ?? {})) {
    const adapter = exchange?.adapter
    if (adapter === undefined || catalog === undefined) continue
    if (catalog.adapters.includes(adapter)) continue
    const at = `exchanges.${name}.adapter`
    unknownName(state, at, `exchange adapter '${adapter}'`, adapter, catalog.adapters)
  }
}

/** Checks an exchange by name. Without any in exchanges.yaml it is only a name in the data lake, so any will do. */
function checkExchangeName(
  { state, values, broken }: CheckInput,
  name: string | undefined,
  { path, what = 'exchange' }: { readonly path: string; readonly what?: string },
): void {
  if (name === undefined || broken.has('exchanges')) return
  const known = Object.keys(values.exchanges ?? {})
  if (known.length === 0 || known.includes(name)) return
  unknownName(state, path, `${what} '${name}'`, name, known)
}

/** Checks the exchange of a backtest or sweep; a default that nobody wrote is checked where it is relied on. */
function checkOwnExchange(input: CheckInput, exchange: string | undefined, path: string): void {
  const { state, values } = input
  if (state.has(`${path}.exchange`)) {
    checkExchangeName(input, exchange, { path: `${path}.exchange` })
  } else if (!state.has('settings.default_exchange')) {
    const name = values.settings?.default_exchange
    checkExchangeName(input, name, { path, what: 'the default exchange' })
  }
}

function checkType({ state, catalog }: CheckInput, type: string | undefined, path: string): void {
  if (type === undefined || catalog === undefined) return
  const known = catalog.strategies.names()
  if (!known.includes(type)) unknownName(state, path, `strategy type '${type}'`, type, known)
}

type DraftBacktest = NonNullable<NonNullable<CheckInput['values']['backtests']>[string]>

function checkBacktest(input: CheckInput, backtest: DraftBacktest, path: string): void {
  const { state, values, broken } = input
  checkOwnExchange(input, backtest.exchange, path)
  if (state.has(`${path}.symbol`) && state.has(`${path}.symbols`)) {
    const message = `${labelOf(path)}: symbol and symbols exclude each other.`
    state.error('CONFIG_CONFLICT', state.placeOf(`${path}.symbol`), message, 'Keep one of them.')
  }
  const known = Object.keys(values.strategies ?? {})
  backtest.strategies?.forEach((name, i) => {
    if (name === undefined || known.includes(name) || broken.has('strategies')) return
    unknownName(state, `${path}.strategies.${i}`, `strategy '${name}'`, name, known)
  })
  checkPeriod(state, backtest, path)
}

function checkPeriod(
  state: ReadState,
  period: { readonly start?: string | undefined; readonly end?: string | undefined },
  path: string,
): void {
  const { start, end } = period
  if (start === undefined || end === undefined) return
  const startMs = findEpochMs(start)
  const endMs = findEpochMs(end)
  if (startMs === undefined || endMs === undefined || startMs < endMs) return
  const place = state.placeOf(state.has(`${path}.end`) ? `${path}.end` : `${path}.start`)
  const message = `${labelOf(path)}: end must be after start, was ${start} .. ${end}.`
  state.error('CONFIG_PERIOD', place, message)
}

type DraftSweep = NonNullable<NonNullable<CheckInput['values']['sweeps']>[string]>

function checkSweep(input: CheckInput, sweep: DraftSweep, path: string): void {
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
  checkSweepStrategy(input, sweep, basis, path)
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
  const canAsk = basis.configured !== undefined || !broken.has('strategies')
  if (canAsk) {
    need('symbol', basis.symbol, 'Name one market, such as symbol: BTCUSDT.')
    need('interval', basis.interval, 'Name the candle interval, such as interval: 1h.')
  }
  need('start', basis.start, 'Name the first day, such as start: "2024-01-01".')
  need('end', basis.end, 'Name the end of the period (exclusive), such as end: "2025-01-01".')
}

function checkSweepStrategy(
  input: CheckInput,
  sweep: DraftSweep,
  basis: SweepBasis,
  path: string,
): void {
  const { state, values, catalog, broken } = input
  const { strategy, configured } = basis
  if (strategy === undefined || catalog === undefined) return
  const types = catalog.strategies.names()
  if (configured === undefined && !types.includes(strategy)) {
    const known = [...Object.keys(values.strategies ?? {}), ...types]
    const isOwn = sweep.strategy !== undefined && !broken.has('strategies')
    if (isOwn) unknownName(state, `${path}.strategy`, `strategy '${strategy}'`, strategy, known)
    return
  }
  const type = configured === undefined ? strategy : configured.type
  const schema = type === undefined ? undefined : catalog.strategies.paramsSchema(type)
  if (type === undefined || schema === undefined) return
  const properties = viewOf(schema).properties ?? {}
  const params = Object.keys(properties)
  for (const [param, axis] of Object.entries(sweep.params ?? {})) {
    const at = `${path}.params.${param}`
    const property = entry(properties, param)
    if (property === undefined) {
      const place = state.keyPlaces.get(at) ?? state.placeOf(at)
      unknownNameAt(state, place, at, `parameter '${param}' of ${type}`, param, params)
    } else if (axis !== undefined) checkAxisValues(state, axis, property, at)
  }
  checkFormulas(input, catalog, sweep, { path, params })
}

function checkFormulas(
  input: CheckInput,
  catalog: Catalog,
  sweep: DraftSweep,
  { path, params }: { readonly path: string; readonly params: readonly string[] },
): void {
  const check = (text: string | undefined, at: string, known: readonly string[]) => {
    if (text !== undefined) checkFormula(input, catalog, text, { path: at, known })
  }
  check(sweep.where, `${path}.where`, params)
  sweep.constraints?.forEach((text, i) => {
    check(text, `${path}.constraints.${i}`, [...METRICS, ...params])
  })
}

function checkFormula(
  { state, textAt }: CheckInput,
  catalog: Catalog,
  text: string,
  { path, known }: { readonly path: string; readonly known: readonly string[] },
): void {
  const place = state.placeOf(path)
  const within = (offset: number, length: number) =>
    placeWithin(place, textAt(place), text, offset, length)
  const result = catalog.formulaVariables(text)
  if ('error' in result) {
    const message = `${labelOf(path)}: ${result.error.replace(/\.$/, '')}.`
    state.error('CONFIG_FORMULA', within(result.offset, 1), message)
    return
  }
  for (const name of result.variables) {
    if (known.includes(name)) continue
    const at = within(offsetOfName(text, name), name.length)
    unknownNameAt(state, at, path, `'${name}'`, name, known)
  }
}

function offsetOfName(text: string, name: string): number {
  const match = new RegExp(`(?<![A-Za-z0-9_])${name}(?![A-Za-z0-9_])`).exec(text)
  return match?.index ?? 0
}

/** Narrows the place of a text to a part of it, if the file spells the text as it is. */
function placeWithin(
  place: Place,
  source: string,
  text: string,
  offset: number,
  length: number,
): Place {
  const skipped = source.startsWith(text) ? 0 : source.slice(1).startsWith(text) ? 1 : undefined
  if (skipped === undefined) return place
  return { ...place, col: place.col + skipped + offset, length: Math.max(1, length) }
}

function unknownName(
  state: ReadState,
  path: string,
  what: string,
  name: string,
  known: Iterable<string>,
): void {
  unknownNameAt(state, state.placeOf(path), path, what, name, [...known])
}

function unknownNameAt(
  state: ReadState,
  place: Place,
  path: string,
  what: string,
  name: string,
  known: readonly string[],
): void {
  const near = findSuggestion(name, known)
  const hint =
    near === undefined ? `Known: ${known.join(', ') || 'none'}.` : `Did you mean '${near}'?`
  state.error('CONFIG_UNKNOWN_NAME', place, `${labelOf(path)}: ${what} is not known.`, hint)
}
