import { Value } from 'typebox/value'
import { findIntervalMs } from '../core/units.ts'
import type { ExchangeDefinition } from '../exchanges/exchange.ts'
import { CANDLE_SYMBOLS, param } from '../kernel/expression.ts'
import type { StrategyDefinition } from '../kernel/strategy.ts'

/**
 * Shape checks for definitions that come from plugins, which no type checker has seen. Each returns why a value is not
 * usable, or undefined; what a definition's own code throws meanwhile is reported by the discovery.
 */

/** Checks the parameter schema and builds the signal graph once, as every run would. */
export function refuseStrategy(value: unknown): string | undefined {
  const { params, signals } = value as Partial<StrategyDefinition>
  if (!isObjectSchema(params)) return 'params must be a Type.Object(...)'
  if (typeof signals !== 'function') return 'signals must be a function (candles, params) => {...}'
  const problem = refuseParams(params)
  if (problem !== undefined) return problem
  const names = Object.keys(params.properties)
  const symbols = Object.fromEntries(names.map((name) => [name, param(name)]))
  return refuseSignals(signals(CANDLE_SYMBOLS, symbols))
}

export function refuseExchange(value: unknown): string | undefined {
  const { options, marketKinds, intervals, rateLimitDefault } = value as Partial<ExchangeDefinition>
  if (!isObjectSchema(options)) return 'options must be a Type.Object(...)'
  if (!Array.isArray(marketKinds) || !marketKinds.every((kind) => kind === 'spot')) {
    return "marketKinds must be ['spot']"
  }
  if (!Array.isArray(intervals) || intervals.length === 0) return 'intervals must be a list'
  const unknown = intervals.find((interval) => findIntervalMs(String(interval)) === undefined)
  if (unknown !== undefined) return `'${String(unknown)}' is not an interval such as 1m, 4h or 1d`
  if (Number.isInteger(rateLimitDefault) && Number(rateLimitDefault) > 0) return undefined
  return 'rateLimitDefault must be a whole number of requests per minute'
}

type ObjectSchema = StrategyDefinition['params']

function isObjectSchema(value: unknown): value is ObjectSchema {
  const { type, properties } = (value ?? {}) as Partial<ObjectSchema>
  return type === 'object' && typeof properties === 'object' && properties !== null
}

function refuseParams(params: ObjectSchema): string | undefined {
  for (const [name, schema] of Object.entries(params.properties)) {
    const { type, default: fallback } = schema as { type?: unknown; default?: unknown }
    if (type !== 'integer' && type !== 'number') {
      return `parameter '${name}' must be a Type.Integer or a Type.Number`
    }
    if (fallback === undefined) return `parameter '${name}' has no default`
    if (!Value.Check(schema, fallback)) {
      return `the default ${String(fallback)} of parameter '${name}' does not fit its own schema`
    }
  }
  return undefined
}

const CONDITIONS: ReadonlySet<unknown> = new Set(['compare', 'cross', 'and', 'or', 'not'])

function refuseSignals(signals: unknown): string | undefined {
  for (const action of ['enterLong', 'exitLong'] as const) {
    const node = (signals as Readonly<Record<string, { readonly kind?: unknown }>> | undefined)?.[
      action
    ]
    if (!CONDITIONS.has(node?.kind)) {
      return `signals must return a condition as ${action}, such as crossesAbove(fast, slow)`
    }
  }
  return undefined
}
