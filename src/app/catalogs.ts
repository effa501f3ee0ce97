import { ConfigError } from '../core/errors.ts'
import type { IndicatorDefinition } from '../indicators/definition.ts'
import { CANDLE_SYMBOLS, type Series } from '../kernel/expression.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { compileSignals } from '../kernel/program.ts'
import type { StrategyDefinition } from '../kernel/strategy.ts'
import type { Warning } from '../report/views.ts'
import { unusedWarnings } from './backtest/unused-params.ts'
import { type Catalog, catalogOf, describeParams, describeStrategy } from './describe.ts'
import { loadKernel } from './kernel.ts'
import type { Workspace } from './workspace.ts'

export interface Catalogs {
  readonly strategies: Catalog
  readonly indicators: Catalog
  /** Plugins that could not be loaded, path and reason; already said through the logger. */
  readonly problems: readonly Warning[]
  /** Parameters of a strategy that reach none of its signals. */
  readonly unusedOf?: (strategy: string) => readonly Warning[]
}

/** Serves `strategies …` and `indicators …`. */
export async function openCatalogs(workspace: Workspace): Promise<Catalogs> {
  const { registries, problems } = await workspace.registered()
  const { kernel } = await loadKernel()
  return {
    strategies: catalogOf(registries.strategies, (definition, source) =>
      describeStrategy(definition, {
        source,
        warmupBars: orNull(() => strategyWarmUp(definition, kernel)),
      }),
    ),
    indicators: catalogOf(registries.indicators, (definition, source) => ({
      name: definition.name,
      description: definition.description,
      category: definition.category,
      source,
      params: describeParams(definition.params),
      warmupBars: orNull(() => indicatorWarmUp(definition, kernel)),
      facts: [
        ['inputs', definition.inputs.join(', ')],
        ['outputs', definition.outputs.join(', ')],
      ],
    })),
    problems,
    unusedOf: (name) => unusedWarnings(registries.strategies.get(name)),
  }
}

/** One plugin whose defaults the kernel refuses must not take the listing of the others with it. */
function orNull(warmUp: () => number): number | null {
  try {
    return warmUp()
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}

function strategyWarmUp(definition: StrategyDefinition, kernel: Kernel): number {
  const program = compileSignals(definition)
  const defaults = defaultsOf(definition.params.properties)
  return kernel.lookback(
    program,
    program.params.map((name) => defaults[name] ?? Number.NaN),
  )
}

function indicatorWarmUp(definition: IndicatorDefinition, kernel: Kernel): number {
  const input = (name: string): Series =>
    name in CANDLE_SYMBOLS ? CANDLE_SYMBOLS[name as 'close'] : CANDLE_SYMBOLS.close
  const inputs = Object.fromEntries(definition.inputs.map((name) => [name, input(name)]))
  const outputs = definition.build(inputs, defaultsOf(definition.params.properties))
  return kernel.seriesLookback(Object.values(outputs))
}

function defaultsOf(properties: Readonly<Record<string, unknown>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [
      name,
      (schema as { readonly default?: number }).default ?? Number.NaN,
    ]),
  )
}
