import { NAME_PATTERN, SYMBOL_PATTERN, SYMBOL_RULE } from '../../config/schemas/leaves.ts'
import { ConfigError } from '../../core/errors.ts'
import { didYouMean } from '../../core/suggest.ts'
import { findIntervalMs } from '../../core/units.ts'
import type { SeriesKey } from '../../data/index.ts'
import type { Warning } from '../../report/views.ts'

/** Minutes, hours and days, the longest first; weeks begin on Mondays and are no multiple of 7 days. */
const UNITS = ['d', 'h', 'm'] as const

/**
 * Refuses names under which the configuration could never ask for the candles.
 * @throws ConfigError `IMPORT_NAME`
 */
export function checkImportNames({
  exchange,
  symbol,
  interval,
}: Omit<SeriesKey, 'interval'> & { readonly interval?: string | undefined }): void {
  refuseUnless(
    NAME_PATTERN,
    '--exchange',
    exchange,
    'letters, digits, "_" and "-", such as binance',
  )
  refuseUnless(SYMBOL_PATTERN, '--symbol', symbol, `${SYMBOL_RULE}, such as BTCUSDT`)
  if (interval === undefined) return
  const canonical = canonicalInterval(interval)
  if (canonical === interval) return
  throw new ConfigError(
    'IMPORT_NAME',
    `--interval ${interval}: candles of this length are stored as ${canonical}. Did you mean '${canonical}'?`,
  )
}

/** Warns of an exchange that no configuration names yet: its candles are stored, but nothing can ask for them. */
export function warningsOfExchange(exchange: string, known: readonly string[]): readonly Warning[] {
  if (known.includes(exchange)) return []
  const suggestion = didYouMean(exchange, known) || ` Known: ${known.join(', ') || 'none'}.`
  const message = `exchange '${exchange}' is not in exchanges.yaml, so no backtest can ask for these candles yet. Add '${exchange}: {}' there.${suggestion}`
  return [{ code: 'UNKNOWN_EXCHANGE', message }]
}

function refuseUnless(pattern: string, option: string, text: string, rule: string): void {
  if (new RegExp(pattern, 'u').test(text)) return
  throw new ConfigError(
    'IMPORT_NAME',
    `${option} '${text}': must be ${rule}. The configuration accepts no other name.`,
  )
}

/** Returns the name in the longest unit, such as `1h` for `60m`. */
function canonicalInterval(interval: string): string {
  const ms = findIntervalMs(interval)
  if (ms === undefined || interval.endsWith('w')) return interval
  for (const unit of UNITS) {
    const unitMs = findIntervalMs(`1${unit}`) as number
    if (ms % unitMs === 0) return `${ms / unitMs}${unit}`
  }
  return interval
}
