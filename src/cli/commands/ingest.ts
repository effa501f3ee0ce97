import type { App } from '../../app/app.ts'
import type { IngestOutcome, IngestRequest, IngestUseCases } from '../../app/ingest.ts'
import { ConfigError } from '../../core/errors.ts'
import {
  ingestPanelLines,
  ingestPlanReport,
  ingestProgressLine,
  ingestReport,
} from '../../report/commands/ingest.ts'
import type { IngestProgressView } from '../../report/views.ts'
import type { Output } from '../output.ts'
import { createProgressView } from '../progress-view.ts'

export interface IngestOptions {
  readonly symbol: readonly string[]
  readonly interval: string
  readonly exchange?: string | undefined
  readonly days?: number | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly fromArchive?: string | undefined
  readonly repair?: boolean | undefined
  readonly follow?: boolean | undefined
  readonly dryRun?: boolean | undefined
}

/** Fetches candles of an exchange: once, as a dry run, or until Ctrl-C. */
export async function ingest(options: IngestOptions, app: App, output: Output): Promise<number> {
  const period = periodOf(options)
  checkConflicts(options)
  const service = await app.ingest()
  const request: Omit<IngestRequest, 'onProgress'> = {
    exchange: options.exchange,
    symbols: options.symbol,
    interval: options.interval,
    period,
    repair: options.repair === true,
    archive: options.fromArchive,
  }
  if (options.dryRun === true) return await dryRun(request, service, output)
  const outcome = await withProgress(request, output, (complete) =>
    options.follow === true ? follow(complete, service, output) : service.ingest(complete),
  )
  return await finish(outcome, output)
}

async function dryRun(
  request: Omit<IngestRequest, 'onProgress'>,
  service: IngestUseCases,
  output: Output,
): Promise<number> {
  const plans = await service.plan({ ...request, onProgress: () => {} })
  return await output.finish(ingestPlanReport, plans)
}

async function withProgress<T>(
  request: Omit<IngestRequest, 'onProgress'>,
  output: Output,
  work: (request: IngestRequest) => Promise<T>,
): Promise<T> {
  const progress = createProgressView<IngestProgressView>(output, {
    panel: ingestPanelLines,
    line: ingestProgressLine,
    keyOf: ({ symbol }) => symbol,
  })
  try {
    return await work({ ...request, onProgress: progress.update })
  } finally {
    progress.end()
  }
}

/** Says what each round added; a quiet minute says nothing. */
function follow(
  request: IngestRequest,
  service: IngestUseCases,
  output: Output,
): Promise<IngestOutcome> {
  return service.follow(request, (series) => {
    for (const { symbol, interval, written, changed } of series) {
      if (written + changed === 0) continue
      const corrected = changed === 0 ? '' : `, ${changed} corrected`
      void output.note(`${symbol} ${interval}  ${written} new${corrected}`)
    }
  })
}

/** One series that failed is an error; of several, the report says which did. */
async function finish(outcome: IngestOutcome, output: Output): Promise<number> {
  const { series, error } = outcome
  if (error !== undefined && series.every((one) => one.error !== undefined)) throw error
  return await output.finish(
    ingestReport,
    outcome,
    error === undefined ? { next: ['data', 'list'] } : { exitCode: error.exitCode },
  )
}

/** @throws ConfigError when the period is said twice or not at all */
function periodOf({ days, from, to }: IngestOptions): IngestRequest['period'] {
  if (days !== undefined && from !== undefined) {
    throw new ConfigError(
      'USAGE_CONFLICT',
      '--days and --from exclude each other. Give one of them.',
    )
  }
  if (days !== undefined && to !== undefined) {
    throw new ConfigError('USAGE_CONFLICT', '--to needs --from: --days ends now.')
  }
  if (days !== undefined) return { days }
  if (from !== undefined) return { fromMs: from, toMs: to }
  throw new ConfigError(
    'USAGE_MISSING',
    'The period is missing. Give --days 365, or --from 2024-01-01 and perhaps --to.',
  )
}

function checkConflicts({ follow, dryRun, to }: IngestOptions): void {
  if (follow !== true) return
  if (dryRun === true) {
    throw new ConfigError('USAGE_CONFLICT', '--follow and --dry-run exclude each other.')
  }
  if (to !== undefined) {
    throw new ConfigError('USAGE_CONFLICT', '--follow has no end: leave --to out.')
  }
}
