import { type Static, type TSchema, Type } from 'typebox'
import {
  METRIC_SPECS,
  METRICS,
  type MetricName,
  NULL_REASONS,
  UNBOUNDED_METRICS,
} from '../core/metrics.ts'
import {
  DataCheckResult,
  DataExportResult,
  DataImportResult,
  DataListResult,
  DataSyncResult,
} from './documents/data.ts'
import { DatabaseMigrateResult, DatabaseStatusResult } from './documents/database.ts'
import { IngestPlanResult, IngestResult } from './documents/ingest.ts'
import { Causes, Count, closed, gap, Instant, Money, Nullable } from './documents/leaves.ts'
import { SimulatorResult } from './documents/simulator.ts'

/**
 * Schemas of the documents that `--json` prints. Field names are a contract: scripts rely on them, so a field may be
 * added, and a change of meaning needs a new number after the `@`.
 */

function metricSchema(name: MetricName): TSchema {
  const { unit, unbounded, meaning } = METRIC_SPECS[name]
  const rule = unbounded ? 'not computable or, see `reasons`, nothing was lost' : 'not computable'
  const description = `${meaning}; null when ${rule}`
  const value = unit === 'money' ? Money : Type.Number()
  return Type.Union([value, Type.Null()], { description })
}

export const MetricsDocument = Type.Object(
  Object.fromEntries(METRICS.map((name) => [name, metricSchema(name)])),
  closed,
)

/** Which nulls of the metrics are not unknown; without an entry a null is not computable. */
export const ReasonsDocument = Type.Object(
  Object.fromEntries(
    UNBOUNDED_METRICS.map((name) => [
      name,
      Type.Optional(
        Type.Enum([...NULL_REASONS], {
          description: '`no_loss`: a gain over no loss, ranked above every number',
        }),
      ),
    ]),
  ),
  { ...closed, description: 'why a metric is null although it is not unknown' },
)

const Params = Type.Record(Type.String(), Type.Number(), {
  description: 'values of the strategy parameters by name',
})

const ContinuityDocument = Type.Object(
  {
    expected: Count('candles from the first judged one to the last, if none were missing'),
    present: Count('candles judged'),
    missing: Count('the difference; none is invented'),
    gaps: Count('ranges of missing candles'),
    longest_gap: Nullable(Type.Object(gap, closed)),
    causes: Causes,
    resampled_from: Nullable(
      Type.String({ description: 'the finer interval that the candles were built from' }),
    ),
    sparse: Type.Boolean({
      description: 'built from what exists of the finer candles: `sparse: true` of the exchange',
    }),
    incomplete: Count('missing ones of which finer candles exist, but not all'),
  },
  { ...closed, description: 'how whole the judged candles are' },
)

export const BacktestRowDocument = Type.Object(
  {
    backtest: Type.String({
      description: 'key in backtests.yaml, or of the sweep for a re-run point',
    }),
    strategy: Type.String({ description: 'key in strategies.yaml' }),
    type: Type.String({ description: 'registered strategy' }),
    symbol: Type.String(),
    interval: Type.String(),
    params: Params,
    bars: Count('bars judged'),
    holes: Count('candles missing among them'),
    continuity: ContinuityDocument,
    start_time: Instant,
    end_time: Instant,
    open_position: Type.Boolean({ description: 'a position is open at the end' }),
    metrics: MetricsDocument,
    reasons: ReasonsDocument,
    benchmark: MetricsDocument,
    benchmark_reasons: ReasonsDocument,
  },
  closed,
)

export const BacktestRunResult = Type.Object(
  {
    rows: Type.Array(BacktestRowDocument),
    trades_file: Nullable(Type.String({ description: 'file of --trades, when there is one run' })),
    equity_file: Nullable(Type.String({ description: 'file of --equity, when there is one run' })),
    files: Type.Array(
      Type.Object(
        { kind: Type.String({ description: '`trades` or `equity`' }), path: Type.String() },
        closed,
      ),
      { description: 'everything that was written' },
    ),
  },
  closed,
)

const RankedPointDocument = Type.Object(
  {
    rank: Type.Integer({ minimum: 1 }),
    params: Params,
    metrics: MetricsDocument,
    reasons: ReasonsDocument,
  },
  closed,
)

export const SweepResultDocument = Type.Object(
  {
    sweep: Type.String({ description: 'key in sweeps.yaml' }),
    strategy: Type.String(),
    symbol: Type.String(),
    interval: Type.String(),
    start_time: Instant,
    end_time: Instant,
    combinations: Count('parameter points of the sweep'),
    completed: Count('points computed; fewer after an interruption'),
    interrupted: Type.Boolean(),
    bars: Count('bars judged'),
    holes: Count('candles missing among them'),
    continuity: ContinuityDocument,
    workers: Type.Integer({ minimum: 1 }),
    seconds: Type.Number({ minimum: 0, description: 'wall time of the computation' }),
    bar_combinations_per_second: Type.Number({ minimum: 0 }),
    peak_rss_bytes: Count('largest resident memory of the process'),
    digest: Type.String({
      description: 'sha-256 over all rows; the same for every number of workers',
    }),
    rows_file: Type.String({
      description: 'Parquet of all rows; NAME.partial.parquet after an interruption',
    }),
    manifest_file: Type.String({ description: 'JSON beside it: what made the rows' }),
    objective: Type.Enum([...METRICS]),
    constraints: Type.Array(Type.String()),
    eligible: Count('points that satisfied every constraint'),
    without_objective: Count(
      'of those, how many rank last because the objective is not computable',
    ),
    undecided: Type.Array(
      Type.Object(
        { constraint: Type.String(), rows: Count('points without a value that it needs') },
        closed,
      ),
      { description: 'constraints that points did not decide for want of a value' },
    ),
    top: Type.Array(RankedPointDocument),
  },
  closed,
)

export const SweepsResultDocument = Type.Object({ sweeps: Type.Array(SweepResultDocument) }, closed)

const ProblemDocument = Type.Object(
  {
    severity: Type.Enum(['error', 'warning']),
    code: Type.String(),
    message: Type.String(),
    file: Type.String(),
    line: Nullable(Type.Integer({ minimum: 1 })),
    col: Nullable(Type.Integer({ minimum: 1 })),
    hint: Nullable(Type.String({ description: 'what to do about it' })),
  },
  closed,
)

export const ConfigValidateResult = Type.Object(
  {
    files: Type.Array(Type.String()),
    errors: Count('problems that make the configuration invalid'),
    warnings: Count('problems that do not'),
    counts: Type.Record(Type.String(), Type.Integer(), { description: 'entries by kind' }),
    problems: Type.Array(ProblemDocument),
  },
  closed,
)

export const ConfigSchemaResult = Type.Object({ files: Type.Array(Type.String()) }, closed)

export const ConfigShowResult = Type.Object(
  {
    config: Type.Unknown({ description: 'effective configuration, secrets redacted' }),
    origins: Type.Optional(
      Type.Array(
        Type.Object({ path: Type.String(), value: Type.Unknown(), origin: Type.String() }, closed),
        { description: 'with --origin: where each value came from' },
      ),
    ),
  },
  closed,
)

const ParamDocument = Type.Object(
  {
    name: Type.String(),
    type: Type.String(),
    default: Type.Unknown({ description: 'null when the parameter is required' }),
    minimum: Nullable(Type.Number()),
    maximum: Nullable(Type.Number()),
    description: Type.String(),
  },
  closed,
)

export const DefinitionDocument = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    category: Type.String(),
    source: Type.String({ description: '`built-in` or the path of a plugin' }),
    params: Type.Array(ParamDocument),
    warmup_bars: Nullable(Type.Integer({ minimum: 0, description: 'at the default parameters' })),
    facts: Type.Record(Type.String(), Type.String()),
  },
  closed,
)

export const StrategiesListResult = Type.Object(
  { strategies: Type.Array(DefinitionDocument) },
  closed,
)
export const IndicatorsListResult = Type.Object(
  { indicators: Type.Array(DefinitionDocument) },
  closed,
)

export const ExchangesListResult = Type.Object(
  {
    exchanges: Type.Array(
      Type.Object(
        {
          name: Type.String({ description: 'key in exchanges.yaml' }),
          adapter: Type.String(),
          testnet: Type.Boolean(),
          rate_limit: Nullable(Type.Number({ description: 'requests per minute' })),
          credentials: Type.Enum(['set', 'missing', 'not needed']),
          description: Type.String(),
        },
        closed,
      ),
    ),
  },
  closed,
)

/** The schema of `result` by schema id of the document. */
export const RESULT_SCHEMAS = {
  'crypto/config.validate@1': ConfigValidateResult,
  'crypto/config.schema@1': ConfigSchemaResult,
  'crypto/config.show@1': ConfigShowResult,
  'crypto/strategies.list@1': StrategiesListResult,
  'crypto/strategies.show@1': DefinitionDocument,
  'crypto/indicators.list@1': IndicatorsListResult,
  'crypto/indicators.show@1': DefinitionDocument,
  'crypto/exchanges.list@1': ExchangesListResult,
  'crypto/ingest@1': IngestResult,
  'crypto/ingest.plan@1': IngestPlanResult,
  'crypto/data.list@1': DataListResult,
  'crypto/data.import@1': DataImportResult,
  'crypto/data.sync@1': DataSyncResult,
  'crypto/sim@1': SimulatorResult,
  'crypto/data.check@1': DataCheckResult,
  'crypto/data.export@1': DataExportResult,
  'crypto/backtest.run@1': BacktestRunResult,
  'crypto/backtest.sweep@1': SweepResultDocument,
  'crypto/backtest.sweeps@1': SweepsResultDocument,
  'crypto/db.migrate@1': DatabaseMigrateResult,
  'crypto/db.status@1': DatabaseStatusResult,
} as const

export type SchemaId = keyof typeof RESULT_SCHEMAS
export type ResultOf<Id extends SchemaId> = Static<(typeof RESULT_SCHEMAS)[Id]>

const Hash = Type.String({ description: 'sha256:<hex>' })

export const RunDocument = Type.Object(
  {
    engine: Type.String({ description: 'version of this program' }),
    ms: Type.Number({ minimum: 0, description: 'wall time of the command' }),
    id: Type.Optional(Type.String()),
    config: Type.Optional(Hash),
    data: Type.Optional(Hash),
    kernel: Type.Optional(Hash),
    seed: Type.Optional(Type.Integer()),
  },
  closed,
)

const WarningDocument = Type.Object({ code: Type.String(), message: Type.String() }, closed)

/** The whole document around a result. */
export function envelopeSchema(id: SchemaId) {
  return Type.Object(
    {
      schema: Type.Literal(id),
      ok: Type.Boolean({ description: 'true exactly when the exit code is 0' }),
      run: RunDocument,
      result: RESULT_SCHEMAS[id],
      warnings: Type.Array(WarningDocument),
    },
    closed,
  )
}

export const ERROR_SCHEMA_ID = 'crypto/error@1'

export const ErrorDocument = Type.Object(
  {
    schema: Type.Literal(ERROR_SCHEMA_ID),
    ok: Type.Literal(false),
    error: Type.Object(
      {
        code: Type.String({ description: 'stable upper-case literal' }),
        message: Type.String(),
        exit_code: Type.Integer(),
        file: Type.Optional(Type.String()),
        line: Type.Optional(Type.Integer()),
        col: Type.Optional(Type.Integer()),
        hint: Type.Optional(Type.String({ description: 'what to write or do instead' })),
        crash_file: Type.Optional(Type.String({ description: 'only for a bug of ours' })),
        problems: Type.Optional(Type.Array(ProblemDocument)),
      },
      closed,
    ),
  },
  closed,
)
