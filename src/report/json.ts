import type { Static } from 'typebox'
import type { BacktestRow, RankedPoint, SweepResult } from '../backtesting/results.ts'
import {
  METRIC_SPECS,
  METRICS,
  type MetricName,
  type Metrics,
  nullReasons,
} from '../core/metrics.ts'
import { formatInstant } from '../core/units.ts'
import type { Continuity, Gap } from '../data/continuity.ts'
import type { ErrorDocument, ResultOf, RunDocument, SchemaId } from './documents.ts'
import type {
  ConfigProblem,
  ConfigReport,
  DefinitionView,
  EffectiveConfig,
  EffectiveValue,
  ExchangeView,
  ImportView,
  RunView,
  SeriesView,
  SyncedSeriesView,
  Warning,
} from './views.ts'

/** Maps results to the documents of `--json`; their schemas are in `documents.ts`. */

/**
 * Writes a number as a plain decimal string that reads back as the same double: no exponent, no rounding.
 * Money in JSON has this form. Null for anything that is not finite.
 */
export function decimalString(value: number | null): string | null {
  if (value === null || !Number.isFinite(value)) return null
  const text = String(value)
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return text
  const [, sign = '', first = '', rest = '', exponent = '0'] = match
  const digits = first + rest
  const point = 1 + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return sign + digits.padEnd(point, '0')
}

/** JSON has no infinity and no NaN: both are null, as everything that is not computable. */
function finite(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : value
}

export function metricsJson(metrics: Metrics): Record<MetricName, number | string | null> {
  const entries = METRICS.map((name) => {
    // Money is a decimal string, because a double is not what an account holds.
    const isMoney = METRIC_SPECS[name].unit === 'money'
    return [name, isMoney ? decimalString(metrics[name]) : finite(metrics[name])] as const
  })
  return Object.fromEntries(entries) as Record<MetricName, number | string | null>
}

/** Kind and path of every file that was written. */
export type BacktestFiles = readonly (readonly [kind: string, path: string])[]

export function backtestRunJson(
  rows: readonly BacktestRow[],
  files: BacktestFiles,
): ResultOf<'crypto/backtest.run@1'> {
  return {
    rows: rows.map(backtestRowJson),
    trades_file: onlyFile(files, 'trades'),
    equity_file: onlyFile(files, 'equity'),
    files: files.map(([kind, path]) => ({ kind, path })),
  }
}

/** With several runs there are several files, none of which has the name that was asked for. */
function onlyFile(files: BacktestFiles, wanted: string): string | null {
  const [first, ...more] = files.filter(([kind]) => kind === wanted)
  return first === undefined || more.length > 0 ? null : first[1]
}

function backtestRowJson(row: BacktestRow): ResultOf<'crypto/backtest.run@1'>['rows'][number] {
  return {
    backtest: row.backtest,
    strategy: row.strategy,
    type: row.type,
    symbol: row.symbol,
    interval: row.interval,
    params: { ...row.params },
    bars: row.bars,
    holes: row.holes,
    continuity: continuityJson(row.continuity),
    start_time: formatInstant(row.firstMs),
    end_time: formatInstant(row.endMs),
    open_position: row.openPosition,
    metrics: metricsJson(row.metrics),
    reasons: { ...nullReasons(row.metrics) },
    benchmark: metricsJson(row.benchmark),
    benchmark_reasons: { ...nullReasons(row.benchmark) },
  }
}

function continuityJson(continuity: Continuity) {
  const { longestGap, causes, resampledFrom, expected, present, missing, gaps, incomplete } =
    continuity
  return {
    expected,
    present,
    missing,
    gaps,
    longest_gap: longestGap === null ? null : gapJson(longestGap),
    causes: causes.map(({ cause, candles }) => ({ cause, candles })),
    resampled_from: resampledFrom,
    sparse: continuity.sparse,
    incomplete,
  }
}

/** A range of missing candles. */
export function gapJson({ fromMs, toMs, candles }: Gap) {
  return { start_time: formatInstant(fromMs), end_time: formatInstant(toMs), candles }
}

export function sweepJson(result: SweepResult): ResultOf<'crypto/backtest.sweep@1'> {
  return {
    sweep: result.sweep,
    strategy: result.strategy,
    symbol: result.symbol,
    interval: result.interval,
    start_time: formatInstant(result.firstMs),
    end_time: formatInstant(result.endMs),
    combinations: result.combinations,
    completed: result.completed,
    interrupted: result.interrupted,
    bars: result.bars,
    holes: result.holes,
    continuity: continuityJson(result.continuity),
    workers: result.workers,
    seconds: result.seconds,
    bar_combinations_per_second: result.barCombinationsPerSecond,
    peak_rss_bytes: result.peakRssBytes,
    digest: result.digest,
    rows_file: result.rowsFile,
    manifest_file: result.manifestFile,
    objective: result.objective,
    constraints: [...result.constraints],
    eligible: result.eligible,
    without_objective: result.withoutObjective,
    undecided: result.undecided.map(({ constraint, rows }) => ({ constraint, rows })),
    top: result.top.map(rankedPointJson),
  }
}

function rankedPointJson({ rank, params, metrics }: RankedPoint) {
  const reasons = { ...nullReasons(metrics) }
  return { rank, params: { ...params }, metrics: metricsJson(metrics), reasons }
}

export function configReportJson(report: ConfigReport): ResultOf<'crypto/config.validate@1'> {
  const errors = report.problems.filter((problem) => problem.severity === 'error').length
  return {
    files: [...report.files],
    errors,
    warnings: report.problems.length - errors,
    counts: { ...report.counts },
    problems: report.problems.map(problemJson),
  }
}

function problemJson(problem: ConfigProblem) {
  return {
    severity: problem.severity === 'warn' ? ('warning' as const) : problem.severity,
    code: problem.code,
    message: problem.message,
    file: problem.file,
    line: problem.line ?? null,
    col: problem.col ?? null,
    hint: problem.hint ?? null,
  }
}

/** @param withOrigin adds where each value came from */
export function effectiveConfigJson(
  config: EffectiveConfig,
  withOrigin: boolean,
): ResultOf<'crypto/config.show@1'> {
  if (!withOrigin) return { config: config.document }
  return { config: config.document, origins: config.values.map(originJson) }
}

function originJson({ path, value, origin }: EffectiveValue) {
  return { path, value, origin }
}

export function definitionJson(definition: DefinitionView): ResultOf<'crypto/strategies.show@1'> {
  return {
    name: definition.name,
    description: definition.description,
    category: definition.category,
    source: definition.source,
    params: definition.params.map((param) => ({
      name: param.name,
      type: param.type,
      default: param.default ?? null,
      minimum: param.minimum ?? null,
      maximum: param.maximum ?? null,
      description: param.description,
    })),
    warmup_bars: definition.warmupBars,
    facts: Object.fromEntries(definition.facts),
  }
}

export function exchangesJson(
  exchanges: readonly ExchangeView[],
): ResultOf<'crypto/exchanges.list@1'> {
  return {
    exchanges: exchanges.map((exchange) => ({
      name: exchange.name,
      adapter: exchange.adapter,
      testnet: exchange.testnet,
      rate_limit: exchange.rateLimit,
      credentials: exchange.credentials,
      description: exchange.description,
    })),
  }
}

export function seriesListJson(series: readonly SeriesView[]): ResultOf<'crypto/data.list@1'> {
  return {
    series: series.map((one) => ({
      exchange: one.exchange,
      symbol: one.symbol,
      interval: one.interval,
      rows: one.rows,
      holes: one.holes,
      start_time: formatInstant(one.fromMs),
      end_time: formatInstant(one.toMs),
      bytes: one.bytes,
      source: one.source,
    })),
  }
}

export function importJson(result: ImportView): ResultOf<'crypto/data.import@1'> {
  return {
    exchange: result.exchange,
    symbol: result.symbol,
    interval: result.interval,
    file: result.file,
    rows: result.rows,
    duplicates: result.duplicates,
    added: result.added,
    replaced: result.replaced,
    unchanged: result.unchanged,
    holes: result.holes,
    start_time: formatInstant(result.fromMs),
    end_time: formatInstant(result.toMs),
    partitions: [...result.partitions],
    folder: result.folder,
  }
}

export function syncJson(series: readonly SyncedSeriesView[]): ResultOf<'crypto/data.sync@1'> {
  return {
    series: series.map((one) => ({
      exchange: one.exchange,
      symbol: one.symbol,
      interval: one.interval,
      exported: [...one.exported],
      unchanged: one.unchanged.length,
      removed: [...one.removed],
      conflicts: [...one.conflicts],
      rows: one.rows,
      seconds: one.seconds,
    })),
  }
}

export interface Envelope<Id extends SchemaId> {
  readonly schema: Id
  /** True exactly when the exit code is 0. */
  readonly ok: boolean
  readonly run: RunView
  readonly result: ResultOf<Id>
  readonly warnings: readonly Warning[]
}

/** Returns the one document of a command as text, with a newline at its end. */
export function envelopeText<Id extends SchemaId>(envelope: Envelope<Id>): string {
  const run: Static<typeof RunDocument> = { ...envelope.run }
  const { schema, ok, result } = envelope
  const warnings = envelope.warnings.map(({ code, message }) => ({ code, message }))
  return `${JSON.stringify({ schema, ok, run, result, warnings })}\n`
}

export interface ErrorView {
  readonly code: string
  readonly message: string
  readonly exitCode: number
  readonly file?: string | undefined
  readonly line?: number | undefined
  readonly col?: number | undefined
  readonly hint?: string | undefined
  readonly crashFile?: string | undefined
  readonly problems?: readonly ConfigProblem[] | undefined
}

/** Returns the document of a command that failed; fields without a value are left out. */
export function errorText(error: ErrorView): string {
  const optional = {
    file: error.file,
    line: error.line,
    col: error.col,
    hint: error.hint,
    crash_file: error.crashFile,
    problems: error.problems?.map(problemJson),
  }
  const known = Object.fromEntries(Object.entries(optional).filter(([, v]) => v !== undefined))
  const document: Static<typeof ErrorDocument> = {
    schema: 'crypto/error@1',
    ok: false,
    error: { code: error.code, message: error.message, exit_code: error.exitCode, ...known },
  }
  return `${JSON.stringify(document)}\n`
}
