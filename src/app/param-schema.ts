/** What the schema of a numeric parameter may say, as read from a strategy's `params`. */
export interface ParamSchema {
  readonly type?: unknown
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
}

/** Checks a value against kind and bounds by hand: loading the schema checker would cost every start of the program. */
export function fitsSchema(schema: ParamSchema, value: unknown): boolean {
  const { minimum = -Infinity, maximum = Infinity } = schema
  const { exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = schema
  const isKind = schema.type === 'integer' ? Number.isInteger(value) : Number.isFinite(value)
  const number = Number(value)
  const inside = number >= minimum && number <= maximum
  return isKind && inside && number > exclusiveMinimum && number < exclusiveMaximum
}
