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
    const known = catalog.adapters.names()
    if (known.includes(adapter)) continue
    const at = `exchanges.${name}.adapter`
    unknownName(state, at, `exchange adapter '${adapter}'`, adapter, known)
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
  const known = new Set(Object.keys(values.strategies ?? {}))
  backtest.strategies?.forEach((name, i) => {
    if (name === undefined || known.has(name) || broken.has('strategies')) return
    unknownName(state, `${path}.strategies.${i}`, `strategy '${name}'`, name, known)
  })
  checkPeriod(state, backtest, path)
}
