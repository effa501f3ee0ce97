import { Type } from 'typebox'
import { Count, closed, Instant, Nullable, span } from './leaves.ts'

/** Results of `crypto ingest`. */

const period = {
  from: Instant,
  to: Instant,
}

export const IngestResult = Type.Object(
  {
    target: Type.String({ description: 'where the candles are recorded' }),
    series: Type.Array(
      Type.Object(
        {
          ...span,
          ...period,
          pages: Count('answers of the exchange'),
          fetched: Count('candles in them, repeated ones included'),
          archived: Count('candles taken from an archive'),
          written: Count('candles that were not stored before'),
          changed: Count('candles that were stored with other values'),
          holes: Count('candles of the period that the exchange does not have'),
          quarantined: Count('candles of the period that were refused'),
          unverified: Count('candles of the period that were not asked for'),
          seconds: Type.Number({ minimum: 0 }),
          error: Nullable(Type.Object({ code: Type.String(), message: Type.String() }, closed)),
        },
        closed,
      ),
    ),
  },
  closed,
)

export const IngestPlanResult = Type.Object(
  {
    series: Type.Array(
      Type.Object(
        {
          ...span,
          ...period,
          candles: Count('candles to ask for'),
          pages: Count('requests that takes when nothing fails'),
        },
        closed,
      ),
    ),
  },
  closed,
)
