import type { ConfigValues, Draft } from './config.ts'
import { entry } from './effective.ts'
import type { Finding } from './problems.ts'

type Values = Draft<ConfigValues>

/** Returns the entries that a run uses: those that `roots` name, such as `backtests.NAME`, and what they refer to. */
function findUsed(values: Values, roots: Iterable<string>): ReadonlySet<string> {
  const used = new Set(roots)
  // A set hands out what is added to it on the way.
  for (const path of used) for (const next of referencesOf(values, path)) used.add(next)
  return used
}

function referencesOf(values: Values, path: string): readonly string[] {
  const [kind, name = ''] = path.split('.')
  const fallback = values.settings?.default_exchange
  if (kind === 'backtests') {
    const { strategies = [], exchange = fallback } = entry(values.backtests, name) ?? {}
    return [...strategies.map((strategy) => `strategies.${strategy}`), `exchanges.${exchange}`]
  }
  if (kind === 'sweeps') {
    const { backtest, strategy, exchange = fallback } = entry(values.sweeps, name) ?? {}
    return [`backtests.${backtest}`, `strategies.${strategy}`, `exchanges.${exchange}`]
  }
  return []
}

/**
 * Returns the findings with errors of entries that a run does not use as warnings. Those of settings and of the structure of a file
 * concern every run.
 */
export function weighed(
  findings: readonly Finding[],
  values: Values,
  roots: Iterable<string>,
): readonly Finding[] {
  const used = findUsed(values, roots)
  const concerns = ({ entry: path, severity }: Finding) =>
    severity === 'warn' || path === undefined || path.startsWith('settings.') || used.has(path)
  return findings.map((finding) =>
    concerns(finding) ? finding : { ...finding, severity: 'warn', isUnused: true },
  )
}

/** Returns the values without the entries that have errors which a run does not mind. */
export function withoutFaulty(values: Values, findings: readonly Finding[]): Values {
  const faulty = new Set(findings.flatMap(({ isUnused, entry: path }) => (isUnused ? path : [])))
  const sound = <T>(kind: string, entries: Readonly<Record<string, T>> = {}) =>
    Object.fromEntries(Object.entries(entries).filter(([name]) => !faulty.has(`${kind}.${name}`)))
  return {
    ...values,
    exchanges: sound('exchanges', values.exchanges),
    strategies: sound('strategies', values.strategies),
    backtests: sound('backtests', values.backtests),
    sweeps: sound('sweeps', values.sweeps),
  }
}
