import { Type } from 'typebox'
import { Count, closed, Instant, span } from './leaves.ts'

/** Results of `crypto data …`. */

export const DataListResult = Type.Object(
  {
    series: Type.Array(
      Type.Object(
        {
          ...span,
          rows: Count('stored candles'),
          holes: Count('candles missing between the first and the last'),
          start_time: Instant,
          end_time: Instant,
          bytes: Count('size on disk'),
          source: Type.String({ description: '`sample`, `lake` or `mixed`' }),
        },
        closed,
      ),
    ),
  },
  closed,
)

const Months = (description: string) => Type.Array(Type.String(), { description })

export const DataSyncResult = Type.Object(
  {
    series: Type.Array(
      Type.Object(
        {
          ...span,
          exported: Months('months copied from the database, such as `2024-01`'),
          unchanged: Count('months that were equal already'),
          removed: Months('months removed, because the database no longer has them'),
          conflicts: Months('months left alone: the lake has other candles, of its own'),
          rows: Count('candles copied'),
          seconds: Type.Number({ minimum: 0 }),
        },
        closed,
      ),
    ),
  },
  closed,
)

export const DataImportResult = Type.Object(
  {
    ...span,
    file: Type.String(),
    rows: Count('rows read'),
    duplicates: Count('exact repeats among them that were dropped'),
    added: Count('candles that were not stored before'),
    replaced: Count('candles that were stored with other values'),
    unchanged: Count('candles that were stored already'),
    holes: Count('candles missing between the first and last row of the file'),
    start_time: Instant,
    end_time: Instant,
    partitions: Type.Array(Type.String(), { description: 'months written' }),
    folder: Type.String({ description: 'folder of the series' }),
  },
  closed,
)
