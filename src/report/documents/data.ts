import { Type } from 'typebox'
import { Causes, Count, closed, gap, Instant, Nullable, span } from './leaves.ts'

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

const BadRows = Type.Array(
  Type.Object(
    {
      path: Type.String(),
      rows: Count('rows that break a rule'),
      kinds: Type.Record(Type.String(), Type.Integer(), {
        description:
          'those rows by rule: `time`, `grid`, `duplicate`, `order`, `month`, `price`, `volume`, `ohlc`',
      }),
      examples: Type.Array(
        Type.Object(
          {
            row: Type.Integer({ minimum: 1 }),
            time: Nullable(Instant),
            kind: Type.String(),
            rule: Type.String(),
          },
          closed,
        ),
        { description: 'the first five' },
      ),
    },
    closed,
  ),
  {
    description: 'files with rows that break a rule of stored candles; reading stops at such a row',
  },
)

const Comparisons = Type.Array(
  Type.Object(
    {
      finer: Type.String({ description: 'interval of the finer stored series' }),
      compared: Count('candles that both have'),
      differing: Count('those of them that differ'),
      columns: Type.Record(Type.String(), Type.Integer(), { description: 'differing by column' }),
      examples: Type.Array(
        Type.Object(
          {
            time: Instant,
            column: Type.String(),
            stored: Type.Number(),
            resampled: Type.Number(),
          },
          closed,
        ),
        { description: 'the first five' },
      ),
    },
    closed,
  ),
  { description: 'stored candles against those that finer stored ones give' },
)

const ManifestFindings = Type.Array(
  Type.Object(
    {
      path: Type.String(),
      month: Nullable(Type.String({ description: 'null: the manifest itself' })),
      kind: Type.Enum(['wrong', 'outdated', 'unverified']),
      fields: Type.Array(Type.String(), { description: 'what differs, or is wrong' }),
    },
    closed,
  ),
  {
    description:
      'where the manifest is damaged or disagrees with its file (`wrong`), describes a file that is gone (`outdated`) or does not list one (`unverified`)',
  },
)

const Advice = Type.Array(
  Type.Object({ months: Type.Array(Type.String()), text: Type.String() }, closed),
  { description: 'how to get months with bad rows, unreadable or wrong files again' },
)

const Spikes = Type.Array(
  Type.Object(
    {
      time: Instant,
      side: Type.Enum(['high', 'low']),
      price: Type.Number(),
      ratio: Type.Number({ description: 'beyond the nearer neighbour, of the close before' }),
      ranges: Nullable(Type.Number({ description: 'the same in median true ranges' })),
    },
    closed,
  ),
  { description: 'the five largest' },
)

export const DataCheckResult = Type.Object(
  {
    problems: Count('findings that change results, in all series and the ledger'),
    notes: Count('findings that somebody should look at, in all series'),
    ledger: Type.Array(Type.String(), {
      description: 'what is wrong with the ledger of ingestion, which counts among the problems',
    }),
    series: Type.Array(
      Type.Object(
        {
          ...span,
          problems: Count('bad rows, unreadable files, differing candles, wrong manifests'),
          notes: Count(
            'gaps, candles without volume, stale runs, spikes, outdated manifests, unverified files',
          ),
          files: Count('months stored'),
          rows: Count('rows read'),
          start_time: Nullable(Instant),
          end_time: Nullable(Instant),
          bad_files: BadRows,
          unreadable: Type.Array(
            Type.Object({ path: Type.String(), reason: Type.String() }, closed),
          ),
          comparisons: Comparisons,
          manifest: ManifestFindings,
          advice: Advice,
          holes: Count('candles missing between the first and the last'),
          gaps: Count('ranges of missing candles'),
          longest_gaps: Type.Array(Type.Object({ ...gap, causes: Causes }, closed), {
            description: 'the five longest',
          }),
          causes: Causes,
          zero_volume: Count('candles without volume'),
          stale: Count('runs of five or more candles that repeat one price without volume'),
          longest_stale: Type.Array(
            Type.Object({ ...gap, candles: Count('candles of the run') }, closed),
            { description: 'the five longest' },
          ),
          spikes: Count('candles whose high or low is far beyond both neighbours'),
          largest_spikes: Spikes,
        },
        closed,
      ),
    ),
  },
  closed,
)

export const DataExportResult = Type.Object(
  {
    ...span,
    file: Type.String(),
    rows: Count('candles written'),
    start_time: Instant,
    end_time: Instant,
    holes: Count('candles missing between the first and the last'),
    resampled_from: Nullable(
      Type.String({ description: 'the finer interval that the candles were built from' }),
    ),
    sparse: Type.Boolean({
      description: 'built from what exists of the finer candles: `sparse: true` of the exchange',
    }),
    incomplete: Count('candles left out because finer ones are missing'),
    hash: Type.String({ description: 'sha256:<hex> of the candles, as runs record it' }),
  },
  closed,
)
