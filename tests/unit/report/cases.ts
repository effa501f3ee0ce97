import { backtestRunReport } from '../../../src/report/commands/backtest-run.ts'
import { backtestSweepReport } from '../../../src/report/commands/backtest-sweep.ts'
import { configSchemaReport } from '../../../src/report/commands/config-schema.ts'
import { configShowReport } from '../../../src/report/commands/config-show.ts'
import { configValidateReport } from '../../../src/report/commands/config-validate.ts'
import { backtestListReport, sweepListReport } from '../../../src/report/commands/configured.ts'
import { dataCheckReport } from '../../../src/report/commands/data-check.ts'
import { dataExportReport } from '../../../src/report/commands/data-export.ts'
import { dataImportReport } from '../../../src/report/commands/data-import.ts'
import { dataListReport } from '../../../src/report/commands/data-list.ts'
import { dataSyncReport } from '../../../src/report/commands/data-sync.ts'
import { dbMigrateReport } from '../../../src/report/commands/db-migrate.ts'
import { dbStatusReport } from '../../../src/report/commands/db-status.ts'
import {
  indicatorsListReport,
  indicatorsShowReport,
  strategiesListReport,
  strategiesShowReport,
} from '../../../src/report/commands/definitions.ts'
import { exchangesListReport } from '../../../src/report/commands/exchanges-list.ts'
import { ingestPlanReport, ingestReport } from '../../../src/report/commands/ingest.ts'
import { simReport } from '../../../src/report/commands/sim.ts'
import type { AnyReport, Report } from '../../../src/report/report.ts'
import type { Style } from '../../../src/report/terminal/style.ts'
import type { Warning } from '../../../src/report/views.ts'
import { DAMAGED, EXPORT, seriesCheck } from './check-fixtures.ts'
import { DATABASE_MIGRATION, DATABASE_STATUS } from './database-fixtures.ts'
import {
  backtestRow,
  backtestRuns,
  CONFIGURED_BACKTESTS,
  CONFIGURED_SWEEPS,
  EFFECTIVE,
  EXCHANGES,
  IMPORT,
  INVALID_REPORT,
  MANY_PARAMS,
  ROWS,
  rankedPoint,
  SERIES,
  STRATEGIES,
  SYNCED,
  sweepResult,
  VALID_REPORT,
} from './fixtures.ts'
import { INGEST_FAILED, INGEST_PLANS, INGESTED } from './ingest-fixtures.ts'
import { SIMULATOR } from './simulator-fixtures.ts'

/** A report with one result of its command. */
export interface Case {
  readonly name: string
  readonly report: Pick<AnyReport, 'id' | 'schema'>
  readonly json: () => unknown
  readonly lines: (style: Style) => readonly string[]
  readonly warnings: () => readonly Warning[]
}

function told<Result>(name: string, report: Report<Result>, result: Result): Case {
  return {
    name,
    report,
    json: () => report.json(result),
    lines: (style) => report.lines(result, style),
    warnings: () => report.warnings?.(result) ?? [],
  }
}

const WARNINGS = [{ code: 'INTERRUPTED', message: 'stopped after two of the three series' }]
const definitions = STRATEGIES
const problems = [{ code: 'PLUGIN', message: 'plugins/x.ts: no default export' }]

/** Results of every command. */
export const CASES: readonly Case[] = [
  told('one backtest', backtestRunReport, backtestRuns([backtestRow()])),
  told('three backtests', backtestRunReport, {
    ...backtestRuns(ROWS),
    title: 'BTC strategies of 2024',
    files: [['trades', 'trades.csv']],
    notes: ['BTCUSDT 1h: judged later.'],
    warnings: WARNINGS,
  }),
  told('sweep', backtestSweepReport, sweepResult()),
  told(
    'sweep with many parameters',
    backtestSweepReport,
    sweepResult({ top: [{ ...rankedPoint(1), params: MANY_PARAMS }] }),
  ),
  told('configured backtests', backtestListReport, {
    entries: CONFIGURED_BACKTESTS,
    file: 'config/backtests.yaml',
  }),
  told('no configured backtests', backtestListReport, { entries: [], file: 'backtests.yaml' }),
  told('configured sweeps', sweepListReport, {
    entries: CONFIGURED_SWEEPS,
    file: 'config/sweeps.yaml',
  }),
  told('no configured sweeps', sweepListReport, { entries: [], file: 'sweeps.yaml' }),
  told('problems', configValidateReport, INVALID_REPORT),
  told('no problems', configValidateReport, { ...VALID_REPORT, warnings: problems }),
  told('configuration', configShowReport, { effective: EFFECTIVE, origin: false }),
  told('origins', configShowReport, { effective: EFFECTIVE, origin: true }),
  told('schemas', configSchemaReport, ['config/schemas/settings.schema.json']),
  told('strategies', strategiesListReport, { definitions, problems }),
  ...STRATEGIES.map((definition) =>
    told(`strategy ${definition.name}`, strategiesShowReport, {
      definition,
      problems,
      unused: [{ code: 'PARAM_UNUSED', message: 'period reaches no signal' }],
    }),
  ),
  told('indicators', indicatorsListReport, { definitions, problems }),
  told('an indicator', indicatorsShowReport, { definition: STRATEGIES[2]!, problems }),
  told('exchanges', exchangesListReport, { exchanges: EXCHANGES, configDir: 'config' }),
  told('no exchanges', exchangesListReport, { exchanges: [], configDir: 'config' }),
  told('ingest', ingestReport, {
    target: 'data/lake',
    series: [INGESTED, INGEST_FAILED],
    warnings: WARNINGS,
  }),
  told('ingest plan', ingestPlanReport, INGEST_PLANS),
  told('series', dataListReport, { series: SERIES, warnings: WARNINGS }),
  told('import', dataImportReport, { imported: IMPORT, warnings: WARNINGS }),
  told('sync', dataSyncReport, SYNCED),
  told('check', dataCheckReport, {
    checks: [DAMAGED, seriesCheck({ fromMs: null, toMs: null })],
    ledger: ['l.sqlite: damaged.'],
    warnings: WARNINGS,
  }),
  told('sound check', dataCheckReport, { checks: [seriesCheck()], ledger: [], warnings: [] }),
  told('export', dataExportReport, EXPORT),
  told('db migrate', dbMigrateReport, DATABASE_MIGRATION),
  told('db status', dbStatusReport, DATABASE_STATUS),
  told('sim', simReport, SIMULATOR),
]
