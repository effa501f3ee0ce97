import { PlatformError } from '../../core/errors.ts'
import { parseInterval } from '../../core/intervals.ts'
import type { ArchiveRetries } from '../../data/archive/server.ts'
import { follow } from '../../data/ingest/follow.ts'
import { type IngestRequest as DataRequest, ingest, planIngest } from '../../data/ingest/ingest.ts'
import type { SeriesContext, SeriesResult } from '../../data/ingest/ingest-series.ts'
import { addReports, type SeriesReport } from '../../data/ingest/report.ts'
import type { DatabaseUse } from '../../data/timescale/index.ts'
import type { IngestSeriesView, Warning } from '../../report/views.ts'
import type { IngestOutcome, IngestRequest, IngestService } from '../services.ts'
import { openArchive } from './archive.ts'
import { openExchange } from './exchanges.ts'
import { openRepository, type Repository } from './repository.ts'
import { systemClock } from './system-clock.ts'
import type { Workspace } from './workspace.ts'

/** Wait before the first repetition of a failed request, and the longest one. */
const RETRY_DELAY_MS = 250
const RETRY_DELAY_MS_MAX = 30_000
/** A wait as long as this is said, or the command would seem to hang. */
const SILENT_MS_MAX = 5_000

/** Serves `ingest`. */
export function connectIngest(workspace: Workspace): IngestService {
  return {
    ingest: (request) =>
      withSession(workspace, request, 'record', async (session) => {
        const warnings: Warning[] = []
        const warn = (message: string) => {
          session.context.warn(message)
          warnings.push({ code: 'INGEST', message })
        }
        const results = await ingest(session.request, { ...session.context, warn })
        return { ...outcomeOf(session, results), warnings }
      }),
    plan: (request) =>
      withSession(workspace, request, 'read', async ({ request, context }) =>
        (await planIngest(request, context)).map(({ key, range, candles, pages }) => ({
          ...key,
          ...range,
          candles,
          pages,
        })),
      ),
    follow: (request, onRound) =>
      withSession(workspace, request, 'record', async (session) => {
        const totals = new Totals()
        let isFirst = true
        const context = {
          ...session.context,
          signal: workspace.context.signal,
          // Later rounds are short: what they added is said once they are done.
          onProgress: (progress: Parameters<SeriesContext['onProgress']>[0]) => {
            if (isFirst) request.onProgress(progress)
          },
        }
        await follow(session.request, context, (results) => {
          isFirst = false
          totals.add(results)
          onRound(results.map(viewOf))
        })
        return outcomeOf(session, totals.results())
      }),
  }
}

interface Session {
  readonly request: DataRequest
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
  const { logger, signal, elapsed } = workspace.context
  const retries = retriesOf(workspace, settings.ingest.retries)
  const { archive: place } = request
  const archive = place === undefined ? undefined : await openArchive(workspace, place, retries)
  const exchange = await openExchange(workspace, request.exchange, 'market_data')
  try {
    const repository = await openRepository(workspace, use)
    try {
      return await work({
        repository,
        request: {
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
  const { logger, now, random } = workspace.context
  return {
    policy: { retries, delayMs: RETRY_DELAY_MS, delayMsMax: RETRY_DELAY_MS_MAX },
    clock: systemClock(now),
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
