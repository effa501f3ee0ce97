import { type TSchema, Type } from 'typebox'

/** Leaf schemas that the documents share. */

/** Options of an object whose fields are all known. */
export const closed = { additionalProperties: false }

export const Money = Type.String({
  pattern: '^-?\\d+(\\.\\d+)?$',
  description: 'quote currency, exact decimal',
})
export const Instant = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' })
export const Count = (description: string) => Type.Integer({ minimum: 0, description })
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** How many candles are missing for a cause. */
export const Causes = Type.Array(
  Type.Object(
    {
      cause: Nullable(
        Type.String({
          description:
            '`venue`: asked again, it has none; `quarantine`: it sent bad ones; null: not known',
        }),
      ),
      candles: Count('missing candles'),
    },
    closed,
  ),
  { description: 'missing candles by cause, most first' },
)

/** A range of missing candles. */
export const gap = {
  start_time: Instant,
  end_time: Instant,
  candles: Count('missing candles'),
}

/** What identifies a series of candles. */
export const span = { exchange: Type.String(), symbol: Type.String(), interval: Type.String() }
