import type {
  BacktestRow,
  ParamValues,
  SweepEstimate,
  SweepProgress,
  SweepResult,
} from '../backtesting/results.ts'
import type { EnvFile } from '../config/env-file.ts'
import type { PlatformError } from '../core/errors.ts'
import type { MetricName } from '../core/metrics.ts'
import type { CheckProgress, ExportSummary, SeriesCheck } from '../data/index.ts'
import type {
  ConfigReport,
  DatabaseMigrationView,
  DatabaseStatusView,
  DefinitionView,
  EffectiveConfig,
  ExchangeView,
  ImportView,
  IngestPlanView,
  IngestProgressView,
  IngestSeriesView,
  RunView,
  SeriesView,
  SimulatorView,
  SyncedSeriesView,
  Warning,
} from '../report/views.ts'
import type { LogLevel } from './output.ts'

/**
 * What the commands need of the rest of the program. Each group is opened on first use, so that `config validate` never
 * loads the data engine. `composition.ts` connects the groups to their implementations.
 */
export interface Services {
  config(): Promise<ConfigService>
  catalogs(): Promise<Catalogs>
  data(): Promise<DataService>
  ingest(): Promise<IngestService>
  backtests(): Promise<BacktestService>
  simulator(): Promise<SimulatorService>
  database(): Promise<DatabaseService>
  /** Ends workers and closes databases; called once at the end, also after a failure. */
  close(): Promise<void>
}

export interface Logger {
  /** Shown with `--verbose` only. */
  info(message: string): void
  /** Always shown. */
  warn(message: string): void
  /** Sets the least severe message that the log file keeps. */
  setLevel(level: LogLevel): void
}

/** What the implementations get from the command line. */
export interface ServiceContext {
  readonly configDir: string
  /** Folder whose `lake` replaces the configured one. */
  readonly dataDir: string | undefined
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly envFile?: EnvFile | undefined
  readonly version: string
  readonly logger: Logger
  /** Makes known what must not be shown anywhere. */
  readonly hide: (secrets: Iterable<string>) => void
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Monotonic clock, milliseconds. */
  readonly elapsed: () => number
  /** A number in [0, 1): for the spread of repetitions, never for a result. */
  readonly random: () => number
  /** Aborted by the first Ctrl-C: finish what is at hand, keep it, return. */
  readonly signal: AbortSignal
}

export type CreateServices = (context: ServiceContext) => Promise<Services>

export interface ConfigService {
  /** Reads and checks every file; problems are part of the result, not an error. */
  validate(): Promise<ConfigReport>
  /**
   * Writes one JSON Schema per configuration file.
   * @param directory undefined: where the shipped files expect them
   * @returns the files written
   */
  writeSchemas(directory: string | undefined): Promise<readonly string[]>
  /** @throws ConfigError when the configuration is invalid */
  effective(): Promise<EffectiveConfig>
  /** The configured exchanges. */
  exchanges(): Promise<readonly ExchangeView[]>
}

export interface Catalog {
  /** Sorted by name. */
  list(): readonly DefinitionView[]
  /** @throws ConfigError with the nearest known name */
  get(name: string): DefinitionView
}

export interface Catalogs {
  readonly strategies: Catalog
  readonly indicators: Catalog
  /** Plugins that could not be loaded, path and reason; already said through the logger. */
  readonly problems: readonly Warning[]
  /** Parameters of a strategy that reach none of its signals. */
  readonly unusedOf?: (strategy: string) => readonly Warning[]
}

export interface ImportRequest {
  readonly file: string
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  /** Accept rows in any order. */
  readonly sort: boolean
  /** Drop exact repeats of a row. */
  readonly dedupe: boolean
}

/** Which stored series; all where a name is absent. */
export interface CheckRequest {
  readonly exchange?: string | undefined
  readonly symbols?: readonly string[] | undefined
  readonly intervals?: readonly string[] | undefined
  readonly onProgress: (progress: CheckProgress) => void
}

export interface CheckOutcome {
  readonly checks: readonly SeriesCheck[]
  /** What is wrong with the ledger of ingestion. */
  readonly ledger: readonly string[]
  /** That an interruption left some series out. */
  readonly warnings: readonly Warning[]
}

export interface ExportRequest {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  /** Open times in [fromMs, toMs), epoch ms; everything that is stored when absent. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  /** `.parquet`, `.arrow` or `.csv`; replaced when it exists. */
  readonly file: string
  /** Whether a link in its place is written through, and not refused. */
  readonly followLinks: boolean
}

/** Which series to sync; all without a condition. */
export interface SyncRequest {
  readonly exchange?: string | undefined
  readonly symbols?: readonly string[] | undefined
  readonly interval?: string | undefined
}

export interface DataService {
  /** @throws ConfigError `IMPORT_NAME` for names that no configuration can use */
  import(
    request: ImportRequest,
  ): Promise<{ readonly imported: ImportView; readonly warnings: readonly Warning[] }>
  /** Looks for everything that is wrong with stored candles. @throws DataError `DATA_MISSING` when no series has the names */
  check(request: CheckRequest): Promise<CheckOutcome>
  /** Writes candles of any interval to a file. @throws DataError when the store does not hold them */
  export(request: ExportRequest): Promise<ExportSummary>
  /**
   * Makes the lake equal to the database.
   * @param onSeries called with each series when it is done
   * @throws ConfigError `SYNC_DRIVER` when the lake itself is the record
   */
  sync(
    request: SyncRequest,
    onSeries: (series: SyncedSeriesView) => void,
  ): Promise<readonly SyncedSeriesView[]>
  /** The stored series, and a warning for each one that cannot be read. */
  list(): Promise<{
    readonly series: readonly SeriesView[]
    readonly warnings: readonly Warning[]
  }>
}

/** Candles to fetch from an exchange. */
export interface IngestRequest {
  /** undefined: the default exchange. */
  readonly exchange?: string | undefined
  readonly symbols: readonly string[]
  readonly interval: string
  /** The last days, or from an instant to another one (exclusive) or to now; epoch ms. */
  readonly period:
    | { readonly days: number }
    | { readonly fromMs: number; readonly toMs?: number | undefined }
  /** Ask again for every known hole. */
  readonly repair: boolean
  /** Folder or address of an archive that is read first. */
  readonly archive?: string | undefined
  readonly onProgress: (progress: IngestProgressView) => void
}

export interface IngestOutcome {
  /** In the order of the symbols; those that failed carry the reason. */
  readonly series: readonly IngestSeriesView[]
  /** Where the candles went. */
  readonly target: string
  /** What was said on the way. */
  readonly warnings: readonly Warning[]
  /** The error of the first series that failed. */
  readonly error?: PlatformError | undefined
}

export interface IngestService {
  /** After an interruption the report has what was stored by then. */
  ingest(request: IngestRequest): Promise<IngestOutcome>
  /** What `ingest` would fetch; nothing is stored. */
  plan(request: IngestRequest): Promise<readonly IngestPlanView[]>
  /**
   * Keeps the series up to date until the signal of the context.
   * @param onRound called with what each round added
   */
  follow(
    request: IngestRequest,
    onRound: (series: readonly IngestSeriesView[]) => void,
  ): Promise<IngestOutcome>
}

/** The database that candles are recorded in, whichever driver is configured. */
export interface DatabaseService {
  /** Brings it to the state of this version. @param onApplied called with the name of each migration */
  migrate(onApplied: (name: string) => void): Promise<DatabaseMigrationView>
  /** What it is and has; changes nothing. */
  status(): Promise<DatabaseStatusView>
}

export interface RunRequest {
  /** A configured backtest; undefined: all of them. */
  readonly backtest?: string | undefined
  /** One point of a sweep instead: its name and a value for every parameter that the sweep varies. */
  readonly point?: { readonly sweep: string; readonly params: ParamValues } | undefined
  /** Where to write trades and equity, by extension `.parquet`, `.arrow` or `.csv`. */
  readonly tradesFile?: string | undefined
  readonly equityFile?: string | undefined
}

export interface RunOutcome {
  /** The backtests that ran, by name, with their titles; none for a point of a sweep. */
  readonly titles: readonly (readonly [name: string, title: string])[]
  readonly rows: readonly BacktestRow[]
  /** What was written: kind and path. With several runs each has its own file. */
  readonly files: readonly (readonly [kind: string, path: string])[]
  /** What the reader should know about the judged bars. */
  readonly notes: readonly string[]
  /** What the reader should know about the runs: that some are missing, that a point is not of the sweep. */
  readonly warnings: readonly Warning[]
  readonly run: Omit<RunView, 'engine' | 'ms'>
}

/** A configured sweep and what the command line changes of it. */
export interface SweepTask {
  readonly sweep: string
  /** undefined: as configured; 0: one per core. */
  readonly workers?: number | undefined
  readonly top?: number | undefined
  readonly objective?: MetricName | undefined
  readonly outputDir?: string | undefined
}

export interface SweepRequest extends SweepTask {
  readonly onEstimate: (estimate: SweepEstimate) => void
  /** May be called as often as blocks finish. */
  readonly onProgress: (progress: SweepProgress) => void
}

export interface SweepOutcome {
  readonly result: SweepResult
  readonly run: Omit<RunView, 'engine' | 'ms'>
}

export interface BacktestService {
  /** Returns the runs that ended before, with a warning, when the signal of the context was aborted. */
  run(request: RunRequest): Promise<RunOutcome>
  /** Names of the configured sweeps in file order. */
  sweepNames(): Promise<readonly string[]>
  /** Refuses, before anything is computed, what would refuse any of these sweeps later. */
  checkSweeps(tasks: readonly SweepTask[]): Promise<void>
  /** Returns a partial result with `interrupted: true` when the signal of the context was aborted. */
  sweep(request: SweepRequest): Promise<SweepOutcome>
}

export interface SimulatorRequest {
  /** Simulated time at the start, epoch milliseconds; undefined: 30 days before the stored candles end. */
  readonly nowMs: number | undefined
  /** Simulated seconds per real second. */
  readonly speed: number
  /** undefined: all that are stored. */
  readonly symbols: readonly string[] | undefined
  /** Whose stored candles are served. */
  readonly exchange: string
  readonly host: string
  readonly port: number
  readonly faultsFile: string | undefined
  readonly seed: number
  /** Request weight per minute; undefined: as Binance grants it. */
  readonly weightLimit: number | undefined
}

export interface RunningSimulator {
  readonly view: SimulatorView
  /** Resolves when the signal of the context is aborted. */
  readonly interrupted: Promise<void>
  stop(): Promise<void>
}

export interface SimulatorService {
  /**
   * @throws ConfigError `FAULTS_INVALID`, `FAULTS_UNREADABLE`
   * @throws DataError `DATA_MISSING`, `DATA_RANGE`
   * @throws PlatformError `PORT_IN_USE`, RiskRefusal `HOST_REFUSED`
   */
  start(request: SimulatorRequest): Promise<RunningSimulator>
}
