import { findSuggestion } from '../core/suggest.ts'
import { findEpochMs } from '../core/units.ts'
import type { Catalog, FailedPlugin } from './catalog.ts'
import type { ConfigValues, Draft } from './config.ts'
import type { FileKey } from './files.ts'
import type { Place } from './problems.ts'
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

export function unknownName(
  state: ReadState,
  path: string,
  what: string,
  name: string,
  known: Iterable<string>,
  failed?: readonly FailedPlugin[],
): void {
  unknownNameAt(state, state.placeOf(path), path, what, name, known, failed)
}

export function unknownNameAt(
  state: ReadState,
  place: Place,
  path: string,
  what: string,
  name: string,
  known: Iterable<string>,
  failed: readonly FailedPlugin[] = [],
): void {
  const hint = () => {
    const own = failed.find(({ path }) => nameOfFile(path) === nameOfFile(name))
    if (own !== undefined) return `Its plugin ${own.path} could not be loaded: ${own.reason}`
    const near = findSuggestion(name, known)
    const advice =
      near === undefined ? `Known: ${[...known].join(', ') || 'none'}.` : `Did you mean '${near}'?`
    if (failed.length === 0) return advice
    const paths = failed.map(({ path }) => path).join(', ')
    return `${advice} It may be that of a plugin that could not be loaded: ${paths}.`
  }
  state.error('CONFIG_UNKNOWN_NAME', place, `${labelOf(path)}: ${what} is not known.`, hint)
}

/** `price-channel.ts` is where one looks for `price_channel`. */
function nameOfFile(path: string): string {
  return path
    .replace(/^.*[\\/]/, '')
    .replace(/\.[jt]s$/, '')
    .replaceAll('-', '_')
    .toLowerCase()
}

/** Checks an exchange by name. Without any in exchanges.yaml it is only a name in the data lake, so any will do. */
export function checkExchangeName(
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
export function checkOwnExchange(
  input: CheckInput,
  exchange: string | undefined,
  path: string,
): void {
  const { state, values } = input
  if (state.has(`${path}.exchange`)) {
    checkExchangeName(input, exchange, { path: `${path}.exchange` })
  } else if (!state.has('settings.default_exchange')) {
    const name = values.settings?.default_exchange
    checkExchangeName(input, name, { path, what: 'the default exchange' })
  }
}

export function checkPeriod(
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
