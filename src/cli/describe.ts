import type { TObject } from 'typebox'
import type { Registrable } from '../core/registry.ts'
import type { IndicatorDefinition } from '../indicators/definition.ts'
import type { Condition, Scalar, Series } from '../kernel/expression.ts'
import { CANDLE_SYMBOLS, param } from '../kernel/expression.ts'
import type { StrategyDefinition } from '../kernel/strategy.ts'
import type { DefinitionView, ParamView } from '../report/views.ts'
import type { Catalog } from './services.ts'

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
  const symbols = Object.fromEntries(params.map(({ name }) => [name, param(name)]))
  const signals = definition.signals(CANDLE_SYMBOLS, symbols)
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

/** Its outputs are shown as formulas of its inputs. @param warmupBars of the default parameters; null when not known */
export function describeIndicator(
  definition: IndicatorDefinition,
  facts: { readonly source: string; readonly warmupBars: number | null },
): DefinitionView {
  const params = describeParams(definition.params)
  const symbols = Object.fromEntries(params.map(({ name }) => [name, param(name)]))
  const inputs = Object.fromEntries(definition.inputs.map((name) => [name, inputNamed(name)]))
  const outputs = definition.build(inputs, symbols)
  return {
    name: definition.name,
    description: definition.description,
    category: definition.category,
    source: facts.source,
    params,
    warmupBars: facts.warmupBars,
    facts: [
      ['inputs', definition.inputs.join(', ')],
      ...Object.entries(outputs).map(([name, series]) => [name, formatValue(series)] as const),
    ],
  }
}

/** An input named after a candle column is that column; any other one stands for the close. */
function inputNamed(name: string): Series {
  return CANDLE_SYMBOLS[name as keyof typeof CANDLE_SYMBOLS] ?? CANDLE_SYMBOLS.close
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

const RELATIONS = { above: '>', below: '<', at_least: '>=', at_most: '<=' } as const
const INFIX: Readonly<Record<string, string>> = {
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
}

/** Writes a condition in the language of rules: `close > sma(close, 20) and crosses_above(...)`. */
export function formatCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'compare': {
      const { left, relation, right } = condition
      return `${formatValue(left)} ${RELATIONS[relation]} ${formatValue(right)}`
    }
    case 'cross':
      return `crosses_${condition.direction}(${formatValue(condition.left)}, ${formatValue(condition.right)})`
    case 'not':
      return `not (${formatCondition(condition.operand)})`
    default:
      return `${formatOperand(condition.left)} ${condition.kind} ${formatOperand(condition.right)}`
  }
}

function formatOperand(condition: Condition): string {
  const text = formatCondition(condition)
  return condition.kind === 'and' || condition.kind === 'or' ? `(${text})` : text
}

function formatValue(value: Series | Scalar): string {
  if (typeof value === 'number') return String(value)
  if (value.kind === 'param') return value.name
  if (value.kind === 'column') return value.column
  if (value.kind === 'scalar') return formatCall(value.operation, [value.left, value.right])
  return formatCall(value.operation, [...value.inputs, ...value.params])
}

function formatCall(operation: string, parts: readonly (Series | Scalar)[]): string {
  const texts = parts.map(formatValue)
  const sign = INFIX[operation]
  return sign === undefined ? `${operation}(${texts.join(', ')})` : `(${texts.join(` ${sign} `)})`
}
