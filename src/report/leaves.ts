import { type TSchema, Type } from 'typebox'

/** Leaf schemas that the documents share. */

/** Options of an object whose fields are all known. */
export const closed = { additionalProperties: false }

export const Instant = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' })
export const Count = (description: string) => Type.Integer({ minimum: 0, description })
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** What identifies a series of candles. */
export const span = { exchange: Type.String(), symbol: Type.String(), interval: Type.String() }

/** Values of the parameters of a strategy. */
export const Params = Type.Record(Type.String(), Type.Number(), {
  description: 'values of the strategy parameters by name',
})
