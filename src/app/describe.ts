import type { TObject } from 'typebox'
import type { Registrable } from '../core/registry.ts'
import { formatCondition } from '../kernel/format.ts'
import { compileSignals } from '../kernel/program.ts'
import type { StrategyDefinition } from '../kernel/strategy.ts'
import type { DefinitionView, ParamView } from '../report/views.ts'

export interface Catalog {
  /** Sorted by name. */
  list(): readonly DefinitionView[]
  /** @throws ConfigError with the nearest known name */
  get(name: string): DefinitionView
}

/** The part of a registry that listings need. */
interface Listing<T> {
  list(): readonly T[]
  get(name: string): T
  sourceOf(name: string): string | undefined
}

/** Shows a registry as a catalog of pages. @param describe gets the definition and where it came from */
export function catalogOf<T extends Registrable>(
  registry: Listing<T>,
  describe: (definition: T, source: string) => DefinitionView,
): Catalog {
  const page = (definition: T) =>
    describe(definition, registry.sourceOf(definition.name) ?? 'built-in')
  return {
    list: () => registry.list().map(page),
    get: (name) => page(registry.get(name)),
  }
}

/** @param warmupBars of the default parameters; null when not known */
export function describeStrategy(
  definition: StrategyDefinition,
  facts: { readonly source: string; readonly warmupBars: number | null },
): DefinitionView {
  const params = describeParams(definition.params)
  const { signals } = compileSignals(definition)
  return {
    name: definition.name,
    description: definition.description,
    category: definition.category ?? 'other',
    source: facts.source,
    params,
    warmupBars: facts.warmupBars,
    facts: [
      ['enter long', formatCondition(signals.enterLong)],
      ['exit long', formatCondition(signals.exitLong)],
    ],
  }
}

/** The parameters of a schema in its order. */
export function describeParams(schema: TObject): ParamView[] {
  return Object.entries(schema.properties).map(([name, property]) => {
    const { type, default: fallback, minimum, maximum, description } = property as PropertySchema
    return {
      name,
      type: type ?? 'value',
      default: fallback,
      ...(minimum !== undefined && { minimum }),
      ...(maximum !== undefined && { maximum }),
      description: description ?? '',
    }
  })
}

/** The keywords of JSON Schema that a parameter page shows. */
interface PropertySchema {
  readonly type?: string
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly description?: string
}
