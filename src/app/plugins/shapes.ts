import { didYouMean } from '../../core/suggest.ts'
import { findIntervalMs } from '../../core/units.ts'
import type { ExchangeDefinition } from '../../exchanges/exchange.ts'
import type { IndicatorDefinition } from '../../indicators/definition.ts'
import { CANDLE_SYMBOLS, type ParamNode, param } from '../../kernel/expression.ts'
import { findGraphProblem, findSeriesProblem, readerAt } from '../../kernel/graph-check.ts'
import { areSameGraphs } from '../../kernel/graph-walk.ts'
import { compileForeign } from '../../kernel/program.ts'
import type { StrategyDefinition } from '../../kernel/strategy.ts'
import { fitsSchema, type ParamSchema } from '../param-schema.ts'

/**
 * Shape checks for definitions that come from plugins, which no type checker has seen. Each returns why a value is not
 * usable, or undefined; what a definition's own code throws meanwhile is reported by the discovery.
 */

/** Checks the parameter schema and builds the signal graph once, as every run would. */
export function refuseStrategy(value: unknown): string | undefined {
  const { params, signals } = value as Partial<StrategyDefinition>
  if (!isObjectSchema(params)) return 'params must be a Type.Object(...)'
  if (typeof signals !== 'function') return 'signals must be a function (candles, params) => {...}'
  return refuseParams(params) ?? refuseSignals(value as StrategyDefinition)
}

/** Checks the parameter schema and builds the outputs once, from the close. */
export function refuseIndicator(value: unknown): string | undefined {
  const { params, category, inputs, outputs, build } = value as Partial<IndicatorDefinition>
  if (typeof category !== 'string') return "category must be a word such as 'oscillator'"
  if (!isObjectSchema(params)) return 'params must be a Type.Object(...)'
  if (!areNames(inputs)) return "inputs must be a list of names, such as ['source']"
  if (!areNames(outputs) || outputs.length === 0) return "outputs must be a list such as ['value']"
  if (typeof build !== 'function') return 'build must be a function (inputs, params) => {...}'
  const series = Object.fromEntries(inputs.map((name) => [name, CANDLE_SYMBOLS.close]))
  const built = () => build(series, symbolsOf(params))
  return refuseParams(params) ?? refuseOutputs(outputs, built(), Object.keys(params.properties))
}

export function refuseExchange(value: unknown): string | undefined {
  const { options, marketKinds, intervals, hosts, connect } = value as Partial<ExchangeDefinition>
  if (!isObjectSchema(options)) return 'options must be a Type.Object(...)'
  if (!Array.isArray(marketKinds) || !marketKinds.every((kind) => kind === 'spot')) {
    return "marketKinds must be ['spot']"
  }
  if (!Array.isArray(intervals)) return 'intervals must be a list'
  const unknown = intervals.find((interval) => findIntervalMs(String(interval)) === undefined)
  if (unknown !== undefined) return `'${String(unknown)}' is not an interval such as 1m, 4h or 1d`
  if (typeof hosts !== 'function') return 'hosts must be a function (settings, mode) => [...]'
  if (typeof connect !== 'function') {
    return 'connect must be a function (settings, host, mode) => Promise<Exchange>'
  }
  return refuseLimits(value as Partial<ExchangeDefinition>)
}

function refuseLimits({
  rateLimitDefault,
  weightPerMinute = 1,
}: Partial<ExchangeDefinition>): string | undefined {
  const isCount = (limit: unknown) => Number.isInteger(limit) && Number(limit) > 0
  if (!isCount(rateLimitDefault)) {
    return 'rateLimitDefault must be a whole number of requests per minute'
  }
  return isCount(weightPerMinute)
    ? undefined
    : 'weightPerMinute must be a whole number, or left out'
}

function areNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')
}

function symbolsOf(params: ObjectSchema): Readonly<Record<string, ParamNode>> {
  const names = Object.keys(params.properties)
  return known('parameter', Object.fromEntries(names.map((name) => [name, param(name)])))
}

/** The same record, but reading a name that it does not have is an error instead of undefined in a graph. */
function known<T extends object>(kind: string, record: T): T {
  return new Proxy(record, {
    get(target, name) {
      if (typeof name === 'symbol' || name in target) return Reflect.get(target, name)
      throw new Error(`it uses the ${kind} '${name}'.${didYouMean(name, Object.keys(target))}`)
    },
  })
}

type ObjectSchema = StrategyDefinition['params']

function isObjectSchema(value: unknown): value is ObjectSchema {
  const { type, properties } = (value ?? {}) as Partial<ObjectSchema>
  return type === 'object' && typeof properties === 'object' && properties !== null
}

function refuseParams(params: ObjectSchema): string | undefined {
  for (const [name, schema] of Object.entries(params.properties)) {
    const { type, default: fallback } = schema as ParamSchema
    if (type !== 'integer' && type !== 'number') {
      return `parameter '${name}' must be a Type.Integer or a Type.Number`
    }
    if (fallback === undefined) return `parameter '${name}' has no default`
    if (!fitsSchema(schema as ParamSchema, fallback)) {
      return `the default ${String(fallback)} of parameter '${name}' does not fit its own schema`
    }
  }
  return undefined
}

function refuseSignals(definition: StrategyDefinition): string | undefined {
  const { params } = definition
  const candles = known('candle column', CANDLE_SYMBOLS)
  const names = Object.keys(params.properties)
  // Reading a name that there is not is found here; the program itself is built once, by its definition.
  const checked = definition.signals(candles, symbolsOf(params))
  const problem = findGraphProblem(checked, names)
  if (problem !== undefined) return problem
  const graph = compileForeign(definition).signals
  // With numbers instead of symbols the same graph must come out, or the strategy decides something outside of it.
  const differs = samplePoints(params).some((values) => {
    const direct = definition.signals(candles, known('parameter', values) as never)
    return !areSameGraphs(direct, graph, readerAt({}), readerAt(values))
  })
  if (!differs) return undefined
  return 'signals looks at the value of a parameter (if, ?:, ===) or keeps nodes of an earlier call, but it is called with symbols for its parameters, anew each time. Say it as a condition of the graph, or make two strategies'
}

/** The defaults, and points at which one parameter lies elsewhere. */
function samplePoints(params: ObjectSchema): readonly Readonly<Record<string, number>>[] {
  const schemas = Object.entries(params.properties) as [string, ParamSchema][]
  const defaults = Object.fromEntries(schemas.map(([name, it]) => [name, Number(it.default)]))
  const moved = schemas.flatMap(([name, schema]) => {
    const fallback = Number(schema.default)
    const values = [schema.minimum, schema.maximum, fallback + 1, fallback - 1]
    const fit = values.filter((value) => value !== undefined && fitsSchema(schema, value))
    return fit.map((value) => ({ ...defaults, [name]: Number(value) }))
  })
  return [defaults, ...moved]
}

function refuseOutputs(
  outputs: readonly string[],
  built: unknown,
  params: readonly string[],
): string | undefined {
  const record = (built ?? {}) as Readonly<Record<string, unknown>>
  for (const output of outputs) {
    const problem = findSeriesProblem(record[output], params)
    if (problem !== undefined) return `build must return a series as ${output}: ${problem}`
  }
  return undefined
}
