import { Option } from '@commander-js/extra-typings'
import type { IngestOutcome, IngestRequest, IngestUseCases } from '../../app/ingest.ts'
import { ConfigError } from '../../core/errors.ts'
import type { IngestProgressView } from '../../report/views.ts'
import { integerBetween, parseInstant, parseInterval, parseNames } from '../arguments.ts'
import { defineCommand, type Session } from '../command.ts'
import type { Output } from '../output.ts'

/** From 2009 on, before which nothing was traded, this many days back is a time since 1970. */
const DAYS_MAX = 14_000

interface PeriodOptions {
  readonly days?: number | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
}

type Task = Omit<IngestRequest, 'onProgress'>

/** Fetches candles: once, as a dry run, or until Ctrl-C. */
export default defineCommand({
  name: 'ingest',
  summary: 'fetch candles from an exchange',
  examples: [
    'ingest --exchange binance --symbol BTCUSDT --interval 1h --days 365',
    'ingest --symbol BTCUSDT,ETHUSDT --interval 1m --from 2024-01-01 --follow',
  ],
  arguments: (command) =>
    command
      .addOption(
        new Option('--symbol <symbols...>', 'markets, such as BTCUSDT or BTCUSDT,ETHUSDT')
          .argParser(parseNames)
          .makeOptionMandatory(),
      )
      .addOption(
        new Option('--interval <interval>', 'candle interval of the exchange, such as 1m or 1h')
          .argParser(parseInterval)
          .makeOptionMandatory(),
      )
      .option('--exchange <name>', 'exchange of exchanges.yaml (default: default_exchange)')
      .option(
        '--days <count>',
        'the last days; a candle in progress is left out',
        integerBetween(1, DAYS_MAX),
      )
      .option('--from <date>', 'first candle, instead of --days', parseInstant)
      .option('--to <date>', 'end of the period, exclusive (default: now)', parseInstant)
      .option(
        '--from-archive <dir>',
        "read a copy of Binance's public archive first: a folder or a URL",
      )
      .option('--repair', 'ask again for every known hole and refused candle')
      .option('--follow', 'go on with every candle that closes, until Ctrl-C')
      .option('--dry-run', 'say what would be fetched'),
  async run({ options }, { app, output }) {
    const period = periodOf(options)
    const { follow = false, dryRun = false, repair = false } = options
    checkConflicts({ follow, dryRun, to: options.to })
    const ingest = await app.ingest()
    const { exchange, symbol: symbols, interval, fromArchive: archive } = options
    const task: Task = { exchange, symbols, interval, period, repair, archive }
    if (dryRun) return await plan(task, ingest, output)
    return await finish(await fetchCandles(task, { ingest, follow }, output), output)
  },
})

async function plan(task: Task, ingest: IngestUseCases, output: Output): Promise<number> {
  const { ingestPlanReport } = await import('../../report/commands/ingest.ts')
  return await output.finish(ingestPlanReport, await ingest.plan({ ...task, onProgress() {} }))
}

async function fetchCandles(
  task: Task,
  { ingest, follow }: { readonly ingest: IngestUseCases; readonly follow: boolean },
  output: Session['output'],
): Promise<IngestOutcome> {
  const { ingestPanelLines, ingestProgressLine, roundLine, waitingLine } = await import(
    '../../report/commands/ingest.ts'
  )
  const { createProgressView } = await import('../progress-view.ts')
  const progress = createProgressView<IngestProgressView>(output, {
    panel: ingestPanelLines,
    line: ingestProgressLine,
    keyOf: ({ symbol }) => symbol,
  })
  const request = { ...task, onProgress: progress.update }
  try {
    if (!follow) return await ingest.ingest(request)
    let isCaughtUp = false
    // A quiet minute says nothing.
    return await ingest.follow(request, (series) => {
      for (const one of series) {
        if (one.written + one.changed > 0) void output.note(roundLine(one))
      }
      if (!isCaughtUp) void output.note(waitingLine(series))
      isCaughtUp = true
    })
  } finally {
    progress.end()
  }
}

/** One series that failed is an error; of several, or where an archive gave candles, the report says what became of them. */
async function finish(outcome: IngestOutcome, output: Output): Promise<number> {
  const { ingestReport } = await import('../../report/commands/ingest.ts')
  const { series, error } = outcome
  const isAll = series.every((one) => one.error !== undefined && one.archived === 0)
  if (error !== undefined && isAll) throw error
  return await output.finish(
    ingestReport,
    outcome,
    error === undefined ? { next: ['data', 'list'] } : { exitCode: error.exitCode },
  )
}

/** @throws ConfigError when the period is said twice or not at all */
function periodOf({ days, from, to }: PeriodOptions): IngestRequest['period'] {
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

function checkConflicts({
  follow,
  dryRun,
  to,
}: {
  readonly follow: boolean
  readonly dryRun: boolean
  readonly to: number | undefined
}): void {
  if (!follow) return
  if (dryRun) {
    throw new ConfigError('USAGE_CONFLICT', '--follow and --dry-run exclude each other.')
  }
  if (to !== undefined) {
    throw new ConfigError('USAGE_CONFLICT', '--follow has no end: leave --to out.')
  }
}
