import { describe, expect, test } from 'bun:test'
import { Value } from 'typebox/value'
import { METRICS } from '../../../src/core/metrics.ts'
import { databaseMigrationJson, databaseStatusJson } from '../../../src/report/database-json.ts'
import {
  ErrorDocument,
  envelopeSchema,
  RESULT_SCHEMAS,
  type ResultOf,
  type SchemaId,
} from '../../../src/report/documents.ts'
import { ingestJson, ingestPlanJson } from '../../../src/report/ingest-json.ts'
import { dataCheckJson, exportJson } from '../../../src/report/json/data.ts'
import {
  backtestRunJson,
  configReportJson,
  decimalString,
  definitionJson,
  effectiveConfigJson,
  envelopeText,
  errorText,
  exchangesJson,
  importJson,
  metricsJson,
  seriesListJson,
  sweepJson,
  syncJson,
} from '../../../src/report/json.ts'
import { simulatorJson } from '../../../src/report/simulator-json.ts'
import { DAMAGED, EXPORT, seriesCheck } from './check-fixtures.ts'
import { DATABASE_MIGRATION, DATABASE_STATUS } from './database-fixtures.ts'
import {
  backtestRow,
  EFFECTIVE,
  EXCHANGES,
  IMPORT,
  INVALID_REPORT,
  METRICS_OF_HOLDING,
  METRICS_OF_STRATEGY,
  ROWS,
  rankedPoint,
  SERIES,
  STRATEGIES,
  SYNCED,
  sweepResult,
} from './fixtures.ts'
import { INGEST_FAILED, INGEST_PLANS, INGESTED } from './ingest-fixtures.ts'
import { SIMULATOR } from './simulator-fixtures.ts'

const RESULTS: { readonly [Id in SchemaId]: ResultOf<Id> } = {
  'crypto/config.validate@1': configReportJson(INVALID_REPORT),
  'crypto/config.schema@1': { files: ['config/schemas/settings.schema.json'] },
  'crypto/config.show@1': effectiveConfigJson(EFFECTIVE, true),
  'crypto/strategies.list@1': { strategies: STRATEGIES.map(definitionJson) },
  'crypto/strategies.show@1': definitionJson(STRATEGIES[0]!),
  'crypto/indicators.list@1': { indicators: STRATEGIES.map(definitionJson) },
  'crypto/indicators.show@1': definitionJson(STRATEGIES[2]!),
  'crypto/exchanges.list@1': exchangesJson(EXCHANGES),
  'crypto/ingest@1': ingestJson('data/lake', [INGESTED, INGEST_FAILED]),
  'crypto/ingest.plan@1': ingestPlanJson(INGEST_PLANS),
  'crypto/data.list@1': seriesListJson(SERIES),
  'crypto/data.import@1': importJson(IMPORT),
  'crypto/data.sync@1': syncJson(SYNCED),
  'crypto/data.check@1': dataCheckJson(
    [DAMAGED, seriesCheck({ fromMs: null, toMs: null })],
    ['damaged'],
  ),
  'crypto/data.export@1': exportJson(EXPORT),
  'crypto/backtest.run@1': backtestRunJson(ROWS, [['trades', 'trades.csv']]),
  'crypto/backtest.sweep@1': sweepJson(sweepResult()),
  'crypto/sim@1': simulatorJson(SIMULATOR),
  'crypto/backtest.sweeps@1': { sweeps: [sweepJson(sweepResult())] },
  'crypto/db.migrate@1': databaseMigrationJson(DATABASE_MIGRATION),
  'crypto/db.status@1': databaseStatusJson(DATABASE_STATUS),
}

const RUN = { engine: '0.1.0', ms: 412, id: '7f3a91c', config: 'sha256:ab', seed: 42 }
const WARNINGS = [{ code: 'OPEN_AT_END', message: 'open' }]

describe.each(Object.keys(RESULT_SCHEMAS) as SchemaId[])('%s', (schema) => {
  const text = envelopeText({
    schema,
    ok: true,
    run: RUN,
    result: RESULTS[schema],
    warnings: WARNINGS,
  })
  const document = JSON.parse(text)

  test('validates against its schema', () => {
    expect(Value.Errors(envelopeSchema(schema), document)).toEqual([])
  })

  test('is one line with the envelope in its order', () => {
    expect(text.indexOf('\n')).toBe(text.length - 1)
    expect(Object.keys(document)).toEqual(['schema', 'ok', 'run', 'result', 'warnings'])
  })

  test('has a schema that refuses a result without its fields', () => {
    expect(Value.Check(envelopeSchema(schema), { ...document, result: {} })).toBe(false)
  })
})

describe('the contract of DESIGN section 7', () => {
  test('names all metrics, money as decimal strings, null for not computable', () => {
    const json = metricsJson(METRICS_OF_HOLDING)
    expect(Object.keys(json)).toEqual([...METRICS])
    expect(json.fees).toBe('10')
    expect(json.final_equity).toBe('24803.12')
    expect(json.win_rate).toBeNull()
    expect(json.sharpe).toBe(1.2104)
  })

  test('has no infinity', () => {
    const metrics = { ...METRICS_OF_STRATEGY, profit_factor: Number.POSITIVE_INFINITY }
    expect(metricsJson(metrics).profit_factor).toBeNull()
  })

  test('says why a metric is null although it is not unknown', () => {
    const metrics = {
      ...METRICS_OF_STRATEGY,
      profit_factor: Number.POSITIVE_INFINITY,
      sortino: Number.POSITIVE_INFINITY,
      sharpe: null,
    }
    const [row] = backtestRunJson([backtestRow({ metrics, benchmark: metrics })], []).rows
    const reasons = { sortino: 'no_loss', profit_factor: 'no_loss' }
    expect(row).toMatchObject({ reasons, benchmark_reasons: reasons })
    expect(row?.metrics).toMatchObject({ sortino: null, profit_factor: null, sharpe: null })
    const top = [{ ...rankedPoint(1), metrics }]
    expect(sweepJson(sweepResult({ top })).top[0]).toMatchObject({ reasons })
    expect(RESULTS['crypto/backtest.run@1'].rows[0]?.reasons).toEqual({})
  })

  test('names the fields of a run row', () => {
    const [row] = RESULTS['crypto/backtest.run@1'].rows
    for (const field of [
      ...['backtest', 'strategy', 'type', 'symbol', 'interval', 'params', 'bars', 'holes'],
      ...['metrics', 'benchmark'],
    ]) {
      expect(row).toHaveProperty(field)
    }
    expect(row).toMatchObject({
      start_time: '2024-01-01T00:00:00Z',
      end_time: '2024-12-01T00:00:00Z',
    })
  })

  test('names the fields of a sweep', () => {
    const sweep = RESULTS['crypto/backtest.sweep@1']
    for (const field of [
      ...['sweep', 'strategy', 'symbol', 'interval', 'combinations', 'bars', 'workers', 'seconds'],
      ...['bar_combinations_per_second', 'peak_rss_bytes', 'digest', 'rows_file', 'manifest_file'],
      'top',
    ]) {
      expect(sweep).toHaveProperty(field)
    }
    expect(Object.keys(sweep.top[0]!)).toEqual(['rank', 'params', 'metrics', 'reasons'])
  })
})

describe('decimalString', () => {
  test.each([
    [10000, '10000'],
    [0.1, '0.1'],
    [-1612.0433, '-1612.0433'],
    [1e-8, '0.00000001'],
    [-1.5e-7, '-0.00000015'],
    [1e21, '1000000000000000000000'],
    [1.25e22, '12500000000000000000000'],
    [0, '0'],
  ])('writes %p as %p', (value, text) => {
    expect(decimalString(value)).toBe(text)
    expect(Number(text)).toBe(value)
  })

  test('loses nothing and has no exponent', () => {
    for (let i = 0; i < 2000; i++) {
      const value = Math.sin(i) * 10 ** ((i % 50) - 25)
      const text = decimalString(value) as string
      expect(Number(text)).toBe(value)
      expect(text).toMatch(/^-?\d+(\.\d+)?$/)
    }
  })

  test('is null for what is not a number', () => {
    expect(decimalString(null)).toBeNull()
    expect(decimalString(Number.NaN)).toBeNull()
  })
})

describe('errors', () => {
  test('validate against their schema and leave out what is not known', () => {
    const plain = JSON.parse(errorText({ code: 'X', message: 'm', exitCode: 1 }))
    expect(Value.Errors(ErrorDocument, plain)).toEqual([])
    expect(plain).toEqual({
      schema: 'crypto/error@1',
      ok: false,
      error: { code: 'X', message: 'm', exit_code: 1 },
    })
  })

  test('carry place, hint and problems', () => {
    const view = {
      code: 'CONFIG_INVALID',
      message: 'm',
      exitCode: 2,
      file: 'a.yaml',
      line: 3,
      col: 11,
    }
    const { problems } = INVALID_REPORT
    const document = JSON.parse(errorText({ ...view, hint: 'binance', problems }))
    expect(Value.Errors(ErrorDocument, document)).toEqual([])
    expect(document.error).toMatchObject({ file: 'a.yaml', line: 3, col: 11, hint: 'binance' })
    expect(document.error.problems[1].severity).toBe('warning')
  })
})
