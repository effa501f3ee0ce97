import type { ParamValues } from '../../backtesting/results.ts'
import type { AxisInput } from '../../backtesting/sweep/index.ts'
import type { AxisValues } from '../../config/index.ts'
import { ConfigError } from '../../core/errors.ts'
import { didYouMean } from '../../core/suggest.ts'
import type { StrategyDefinition } from '../../kernel/strategy.ts'
import { fitsSchema, type ParamSchema } from '../param-schema.ts'

/** Returns a value for every parameter of a strategy: what is given, else the schema's default. */
export function completeParams(definition: StrategyDefinition, given: ParamValues): ParamValues {
  return Object.fromEntries(
    schemasOf(definition).map(([name, schema]) => [name, paramOf(definition, name, schema, given)]),
  )
}

/** Returns one axis per parameter: the swept ones as they are, the others with their one value. */
export function completeAxes(
  definition: StrategyDefinition,
  fixed: ParamValues,
  axes: Readonly<Record<string, AxisValues>>,
): readonly AxisInput[] {
  return schemasOf(definition).map(([name, schema]) => ({
    name,
    integer: schema.type === 'integer',
    values: axes[name] ?? paramOf(definition, name, schema, fixed),
  }))
}

/**
 * Checks values from the command line against a strategy's schema.
 * @throws ConfigError `PARAM_UNKNOWN` or `PARAM_RANGE`
 */
export function checkParams(definition: StrategyDefinition, given: ParamValues): void {
  const schemas = new Map(schemasOf(definition))
  for (const [name, value] of Object.entries(given)) {
    const schema = schemas.get(name)
    if (schema === undefined) {
      throw new ConfigError(
        'PARAM_UNKNOWN',
        `--set ${name}: strategy '${definition.name}' has no such parameter.${didYouMean(name, schemas.keys())}`,
      )
    }
    if (!fitsSchema(schema, value)) throw outOfRange(definition, name, value, schema)
  }
}

function schemasOf(definition: StrategyDefinition): readonly (readonly [string, ParamSchema])[] {
  return Object.entries(definition.params.properties) as [string, ParamSchema][]
}

function paramOf(
  { name: strategy }: StrategyDefinition,
  name: string,
  schema: ParamSchema,
  given: ParamValues,
): number {
  const value = given[name] ?? (schema.default as number | undefined)
  if (value !== undefined) return value
  throw new ConfigError(
    'PARAM_MISSING',
    `strategy '${strategy}': parameter '${name}' has no default; give it a value under params.`,
  )
}

function outOfRange(
  definition: StrategyDefinition,
  name: string,
  value: number,
  schema: ParamSchema,
): ConfigError {
  const kind = schema.type === 'integer' ? 'a whole number' : 'a number'
  const from = schema.minimum ?? schema.exclusiveMinimum
  const to = schema.maximum ?? schema.exclusiveMaximum
  const bounds = [from !== undefined && `from ${from}`, to !== undefined && `to ${to}`]
  const range = bounds.filter(Boolean).join(' ')
  return new ConfigError(
    'PARAM_RANGE',
    `--set ${name}=${value}: must be ${kind}${range === '' ? '' : ` ${range}`} (strategy '${definition.name}').`,
  )
}
