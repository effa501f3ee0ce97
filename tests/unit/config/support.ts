import { Type } from 'typebox'
import type { Catalog } from '../../../src/config/catalog.ts'
import {
  type LoadOptions,
  loadConfig,
  type Problem,
  validateConfig,
} from '../../../src/config/index.ts'

const bars = (fallback: number) => Type.Integer({ minimum: 1, maximum: 10_000, default: fallback })

/** Schemas with the parameter names of the built-in strategies; bounds chosen for these tests. */
const STRATEGY_SCHEMAS = {
  sma_crossover: Type.Object({ fast_period: bars(10), slow_period: bars(30) }),
  ema_crossover: Type.Object({ fast_period: bars(12), slow_period: bars(26) }),
  rsi_mean_reversion: Type.Object({
    period: Type.Integer({ minimum: 2, maximum: 1000, default: 14 }),
    oversold: Type.Number({ minimum: 0, maximum: 100, default: 30 }),
    overbought: Type.Number({ minimum: 0, maximum: 100, default: 70 }),
  }),
  macd_crossover: Type.Object({
    fast_period: bars(12),
    slow_period: bars(26),
    signal_period: bars(9),
  }),
  bollinger_reversion: Type.Object({
    period: bars(20),
    deviations: Type.Number({ exclusiveMinimum: 0, default: 2 }),
  }),
  zscore_reversion: Type.Object({
    period: bars(48),
    entry: Type.Number({ default: 2 }),
    exit: Type.Number({ default: 0 }),
  }),
  momentum_breakout: Type.Object({ entry_period: bars(55), exit_period: bars(20) }),
  roc_momentum: Type.Object({
    period: bars(24),
    entry: Type.Number({ default: 0.05 }),
    exit: Type.Number({ default: 0 }),
  }),
}

export const catalog: Catalog = {
  strategies: {
    names: () => Object.keys(STRATEGY_SCHEMAS),
    paramsSchema: (name) =>
      Object.hasOwn(STRATEGY_SCHEMAS, name)
        ? STRATEGY_SCHEMAS[name as keyof typeof STRATEGY_SCHEMAS]
        : undefined,
  },
  adapters: { names: () => ['binance'], optionsSchema: () => undefined },
}

export type Files = Readonly<Record<string, string>>

/** Options that read `files` (`settings` is the text of config/settings.yaml) with the test catalog. */
export function optionsFor(files: Files, env: LoadOptions['env'] = {}): LoadOptions {
  const readFile = (path: string) => files[path.replace(/^config\/|\.yaml$/g, '')]
  return { dir: 'config', env, readFile, catalog }
}

export function validate(files: Files, env?: LoadOptions['env']) {
  return validateConfig(optionsFor(files, env))
}

export function load(files: Files, env?: LoadOptions['env']) {
  return loadConfig(optionsFor(files, env))
}

/** One line a problem: `settings:3:9 CONFIG_RANGE message hint`. */
export function summarize({ file, line, col, code, message, hint }: Problem): string {
  const place = `${file.replace(/^config\/|\.yaml$/g, '')}:${line}:${col}`
  return [place, code, message, hint].filter((part) => part !== undefined).join(' ')
}

export function problemsOf(files: Files, env?: LoadOptions['env']): readonly string[] {
  return validate(files, env).problems.map(summarize)
}

/** A sweep that is right but for `lines`, which stand from line 8 on with an indent of 4. */
export function sweepWith(lines: string): Files {
  const head = `sweeps:
  grid:
    strategy: sma_crossover
    symbol: BTCUSDT
    interval: 1h
    start: 2024-01-01
    end: 2024-02-01
`
  return { sweeps: head + lines.replace(/^/gm, '    ') }
}
