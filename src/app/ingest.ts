import { PlatformError } from '../core/errors.ts'
import { parseInterval } from '../core/intervals.ts'
import type { ArchiveRetries } from '../data/archive/server.ts'
import { follow } from '../data/ingest/follow.ts'
import { type IngestOptions, ingest, planIngest } from '../data/ingest/ingest.ts'
import type { SeriesContext, SeriesResult } from '../data/ingest/ingest-series.ts'
import { addReports, type SeriesReport } from '../data/ingest/report.ts'
import type { DatabaseUse } from '../data/timescale/index.ts'
import type {
  IngestPlanView,
  IngestProgressView,
  IngestSeriesView,
  Warning,
} from '../report/views.ts'
import { openArchive } from './exchanges/archive.ts'
import { openExchange } from './exchanges/open-exchange.ts'
import { openRepository, type Repository } from './repository.ts'
import type { Workspace } from './workspace.ts'

/** Wait before the first repetition of a failed request, and the longest one. */
const RETRY_DELAY_MS = 250
const RETRY_DELAY_MS_MAX = 30_000
/** A wait as long as this is said, or the command would seem to hang. */
const SILENT_MS_MAX = 5_000

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

export type IngestUseCases = ReturnType<typeof ingestUseCases>

/** Serves `ingest`. */
export function ingestUseCases(workspace: Workspace) {
  return {
    /** After an interruption the report has what was stored by then. */
    ingest: (request: IngestRequest): Promise<IngestOutcome> =>
      withSession(workspace, request, 'record', async (session) => {
        const warnings: Warning[] = []
        const warn = (message: string) => {
          session.context.warn(message)
          warnings.push({ code: 'INGEST', message })
        }
        const results = await ingest(session.options, { ...session.context, warn })
        return { ...outcomeOf(session, results), warnings }
      }),
    /** What `ingest` would fetch; nothing is stored. */
    plan: (request: IngestRequest): Promise<readonly IngestPlanView[]> =>
      withSession(workspace, request, 'read', async ({ options, context }) =>
        (await planIngest(options, context)).map(({ key, range, candles, pages }) => ({
          ...key,
          ...range,
          candles,
          pages,
        })),
      ),
    /**
     * Keeps the series up to date until the signal of the environment.
     * @param onRound called with what each round added
     */
    follow: (
      request: IngestRequest,
      onRound: (series: readonly IngestSeriesView[]) => void,
    ): Promise<IngestOutcome> =>
      withSession(workspace, request, 'record', async (session) => {
        const totals = new Totals()
        let isFirst = true
        const context = {
          ...session.context,
          signal: workspace.environment.signal,
          // Later rounds are short: what they added is said once they are done.
          onProgress: (progress: Parameters<SeriesContext['onProgress']>[0]) => {
            if (isFirst) request.onProgress(progress)
          },
        }
        await follow(session.options, context, (results) => {
          isFirst = false
          totals.add(results)
          onRound(results.map(viewOf))
        })
        return outcomeOf(session, totals.results())
      }),
  }
}

interface Session {
  readonly options: IngestOptions
  readonly context: SeriesContext
  readonly repository: Repository
}

/** Opens what an ingestion needs and closes it whatever happens. */
async function withSession<T>(
  workspace: Workspace,
  request: IngestRequest,
  use: DatabaseUse,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { settings } = await workspace.config()
  const { logger, signal, elapsed } = workspace.environment
  const retries = retriesOf(workspace, settings.ingest.retries)
  const { archive: place } = request
  const archive = place === undefined ? undefined : await openArchive(workspace, place, retries)
  const exchange = await openExchange(workspace, request.exchange, 'market_data')
  try {
    const repository = await openRepository(workspace, use)
    try {
      return await work({
        repository,
        options: {
          symbols: request.symbols,
          interval: request.interval,
          period: request.period,
          repair: request.repair,
          recheckCandles: settings.ingest.recheck_candles,
          symbolsParallel: settings.ingest.symbols_parallel,
          archive,
        },
        context: {
          ...retries,
          exchange,
          repository: repository.candles,
          elapsed,
          signal,
          onProgress: request.onProgress,
          warn: logger.warn,
        },
      })
    } finally {
      await repository.candles.close()
    }
  } finally {
    await exchange.close()
  }
}

/** How requests are repeated, those to the exchange and those to an archive. */
function retriesOf(workspace: Workspace, retries: number): Required<ArchiveRetries> {
  const { logger, clock, random } = workspace.environment
  return {
    policy: { retries, delayMs: RETRY_DELAY_MS, delayMsMax: RETRY_DELAY_MS_MAX },
    clock,
    random,
    onRetry: (error, retry, waitMs) => {
      const say = waitMs < SILENT_MS_MAX ? logger.info : logger.warn
      say(`${messageOf(error)} Repetition ${retry} in ${waitMs} ms.`)
    },
  }
}

function outcomeOf({ repository }: Session, results: readonly SeriesResult[]): IngestOutcome {
  const failed = results.find(({ error }) => error !== undefined)
  return {
    series: results.map(viewOf),
    target: repository.target,
    warnings: [],
    error: failed?.error,
  }
}

function viewOf({ report, error }: SeriesResult): IngestSeriesView {
  const view = { ...report, ...absentOf(report) }
  return error === undefined
    ? view
    : { ...view, error: { code: error.code, message: error.message } }
}

/** What the exchange does not have; the other holes are candles that were refused. */
function absentOf({ holeRanges, interval }: SeriesReport) {
  const { ms } = parseInterval(interval)
  const lengths = holeRanges
    .filter(({ cause }) => cause === 'venue')
    .map(({ fromMs, toMs }) => (toMs - fromMs) / ms)
  return {
    absent: lengths.reduce((total, length) => total + length, 0),
    longestHole: Math.max(0, ...lengths),
  }
}

function messageOf(error: unknown): string {
  return error instanceof PlatformError ? error.message : String(error)
}

/** What all rounds of a follower did together. */
class Totals {
  readonly #reports = new Map<string, SeriesReport>()

  add(results: readonly SeriesResult[]): void {
    for (const { report } of results) {
      const before = this.#reports.get(report.symbol)
      this.#reports.set(report.symbol, before === undefined ? report : addReports(before, report))
    }
  }

  results(): readonly SeriesResult[] {
    return [...this.#reports.values()].map((report) => ({ report }))
  }
}
