import type { TSchema } from 'typebox'

/** Keys whose value names what is registered, and so the schema of a sibling. */
export type VariantKey = 'type' | 'adapter'

/** The keywords that the reader understands, as they stand in any TypeBox schema; see leaves.ts for those beyond JSON Schema. */
export interface SchemaView {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly SchemaView[]
  readonly properties?: Readonly<Record<string, SchemaView>>
  readonly patternProperties?: Readonly<Record<string, SchemaView>>
  readonly items?: SchemaView
  readonly default?: unknown
  readonly description?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly multipleOf?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minItems?: number
  readonly maxItems?: number
  readonly minProperties?: number
  readonly uniqueItems?: boolean
  readonly writeOnly?: boolean
  readonly format?: string
  readonly mustBe?: string
  readonly namesMustBe?: string
  readonly variantBy?: VariantKey
  /** For editors: what the property `key` is where the property `by` is `name`. */
  readonly variants?: readonly Variant[]
  readonly shape?: string
  readonly warnAbove?: number
  readonly literal?: boolean
  readonly '~optional'?: unknown
}

interface Variant {
  readonly by: string
  readonly name: string
  readonly key: string
  readonly schema: SchemaView
}

export function viewOf(schema: TSchema): SchemaView {
  return schema as SchemaView
}

export function isOptional(schema: SchemaView): boolean {
  return schema['~optional'] !== undefined
}

/** Text is kept as text even if it looks like a number. */
export function wantsText(schema: SchemaView): boolean {
  return schema.type === 'string' || (schema.enum?.every((v) => typeof v === 'string') ?? false)
}

/** Says in words what a value of this schema must be, such as `an integer from 1 to 65535`. */
export function ruleOf(schema: SchemaView): string {
  if (schema.mustBe !== undefined) return schema.mustBe
  if (schema.const !== undefined) return String(schema.const)
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`
  switch (schema.type) {
    case 'integer':
      return `an integer${boundsOf(schema)}`
    case 'number':
      return `a number${boundsOf(schema)}`
    case 'boolean':
      return 'true or false'
    case 'string':
      return schema.pattern === undefined ? 'text' : `text that matches ${schema.pattern}`
    case 'array':
      return 'a list'
    case 'object':
      return 'a map of keys and values'
    default:
      return schema.anyOf?.map(ruleOf).join(', or ') ?? 'a value'
  }
}

/** Bounds in words with a leading blank, such as ` from 1 to 50` or ` above 0`; empty without bounds. */
export function boundsOf(schema: SchemaView): string {
  const { multipleOf } = schema
  return rangeOf(schema) + (multipleOf === undefined ? '' : `, a multiple of ${multipleOf}`)
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: SchemaView): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  const low = exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]
  const high = exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`]
  if (minimum !== undefined) low.push(`at least ${minimum}`)
  if (maximum !== undefined) high.push(`at most ${maximum}`)
  const bounds = [...low, ...high]
  if (bounds.length === 0) return ''
  return `${bounds[0]?.startsWith('at') ? ' of' : ''} ${bounds.join(' and ')}`
}

/** True when `value` keeps all numeric bounds of the schema. */
export function isWithin(schema: SchemaView, value: number): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  if (!Number.isFinite(value)) return false
  if (minimum !== undefined && value < minimum) return false
  if (maximum !== undefined && value > maximum) return false
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) return false
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) return false
  return multipleOf === undefined || Number.isInteger(value / multipleOf)
}
