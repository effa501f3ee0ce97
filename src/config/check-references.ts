import {
  type CheckInput,
  checkExchangeName,
  checkOwnExchange,
  checkPeriod,
  unknownName,
} from './check-names.ts'
import { checkSweep } from './check-sweep.ts'
import { labelOf } from './state.ts'

/** Checks periods, axes and every name that one file uses of another, or of what is registered. */
export function checkReferences(input: CheckInput): void {
  checkExchanges(input)
  const { strategies, backtests, sweeps } = input.values
  eachEntry(input, 'strategies', strategies, ({ type }, path) => {
    checkType(input, type, `${path}.type`)
  })
  eachEntry(input, 'backtests', backtests, (backtest, path) => checkBacktest(input, backtest, path))
  eachEntry(input, 'sweeps', sweeps, (sweep, path) => checkSweep(input, sweep, path))
}

function eachEntry<T>(
  { state }: CheckInput,
  kind: string,
  entries: Readonly<Record<string, T | undefined>> = {},
  check: (entry: T, path: string) => void,
): void {
  for (const [name, value] of Object.entries(entries)) {
    const path = `${kind}.${name}`
    if (value !== undefined) state.within(path, () => check(value, path))
  }
}

function checkExchanges(input: CheckInput): void {
  const { state, values, catalog } = input
  const path = 'settings.default_exchange'
  if (state.has(path)) checkExchangeName(input, values.settings?.default_exchange, { path })
  eachEntry(input, 'exchanges', values.exchanges, ({ adapter }, at) => {
    if (adapter === undefined || catalog === undefined) return
    const known = catalog.adapters.names()
    if (known.includes(adapter)) return
    const { failed } = catalog.adapters
    unknownName(state, `${at}.adapter`, `exchange adapter '${adapter}'`, adapter, known, failed)
  })
}

function checkType({ state, catalog }: CheckInput, type: string | undefined, path: string): void {
  if (type === undefined || catalog === undefined) return
  const known = catalog.strategies.names()
  if (known.includes(type)) return
  unknownName(state, path, `strategy type '${type}'`, type, known, catalog.strategies.failed)
}

type DraftBacktest = NonNullable<NonNullable<CheckInput['values']['backtests']>[string]>

function checkBacktest(input: CheckInput, backtest: DraftBacktest, path: string): void {
  const { state, values, broken, catalog } = input
  checkOwnExchange(input, backtest.exchange, path)
  if (state.has(`${path}.symbol`) && state.has(`${path}.symbols`)) {
    const message = `${labelOf(path)}: symbol and symbols exclude each other.`
    state.error('CONFIG_CONFLICT', state.placeOf(`${path}.symbol`), message, 'Keep one of them.')
  }
  const configured = new Set(Object.keys(values.strategies ?? {}))
  const types = new Set(catalog?.strategies.names())
  backtest.strategies?.forEach((name, i) => {
    if (name === undefined || configured.has(name) || broken.has('strategies')) return
    const at = `${path}.strategies.${i}`
    if (types.has(name)) checkMarketOfType(input, backtest, { name, at, path })
    else {
      const known = [...configured, ...types]
      unknownName(state, at, `strategy '${name}'`, name, known, catalog?.strategies.failed)
    }
  })
  checkPeriod(state, backtest, path)
}

/** A type has its defaults, but no market. */
function checkMarketOfType(
  { state }: CheckInput,
  { symbol, symbols, interval }: DraftBacktest,
  { name, at, path }: { readonly name: string; readonly at: string; readonly path: string },
): void {
  const need = (key: string, value: unknown, how: string) => {
    if (value !== undefined || state.has(`${path}.${key}`)) return
    const message = `${labelOf(at)}: '${name}' is a type, which has no market of its own, and ${key} is missing.`
    state.error('CONFIG_MISSING', state.placeOf(at), message, how)
  }
  need('symbol', symbol ?? symbols, 'Name one market, such as symbol: BTCUSDT.')
  need('interval', interval, 'Name the candle interval, such as interval: 1h.')
}
