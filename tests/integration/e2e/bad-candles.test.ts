import { afterAll, describe, expect, setDefaultTimeout } from 'bun:test'
import { copyFileSync, readdirSync, statSync, truncateSync } from 'node:fs'
import { sqlText, withDuckDb } from '../../../src/data/duckdb.ts'
import { makeProject } from './crypto.ts'
import { createFails, csvOf, IMPORT, row } from './failing.ts'

setDefaultTimeout(60_000)

const project = makeProject()
afterAll(project.remove)
const fails = createFails(project)

describe('an import', () => {
  const dataDir = ['--data-dir', project.path('refused')]
  afterAll(() => {
    // Nothing of a refused file may have been stored.
    expect(readdirSync(project.path('refused'), { recursive: true })).toEqual(['lake'])
  })
  const refused = (
    title: string,
    rows: readonly string[],
    code: string,
    says: readonly string[],
    more: readonly string[] = [],
  ) => {
    const file = project.write(`${title.replaceAll(' ', '-')}.csv`, csvOf(rows))
    const words = ['data', 'import', file, ...IMPORT, ...dataDir, ...more]
    fails(title, { words, exitCode: 3, code, says: [file, 'thing was imported', ...says] })
  }
  refused('a NaN price', [row(0), row(1, { close: 'NaN' })], 'IMPORT_PRICE', [
    'close must be a positive price',
    'line 3',
    'close NaN',
  ])
  refused('a negative price', [row(0), row(1, { low: '-90' })], 'IMPORT_PRICE', [
    'low must be a positive price',
    'line 3',
    'low -90',
  ])
  refused('an infinite price', [row(0, { high: 'inf' })], 'IMPORT_PRICE', [
    'high must be a positive price',
    'line 2',
  ])
  refused('a negative volume', [row(0, { volume: '-1' })], 'IMPORT_VOLUME', [
    'volume must be a number >= 0',
    'line 2',
  ])
  refused('unsorted rows', [row(0), row(2), row(1)], 'IMPORT_UNSORTED', [
    'the time must be later than in the row before',
    'line 4',
    '--sort',
  ])
  refused('duplicate rows', [row(0), row(1), row(1)], 'IMPORT_DUPLICATE', [
    'the time must be unique',
    'line 4',
    '--dedupe',
  ])
  refused(
    'rows that contradict each other',
    [row(0), row(1), row(1, { close: '106' })],
    'IMPORT_CONFLICT',
    ['line 3 and line 4', 'the same time and different values'],
    ['--dedupe'],
  )
  refused('no row', [], 'IMPORT_EMPTY', [])

  const sample = 'data/sample/exchange=binance/symbol=BTCUSDT/interval=1h/2023-08.parquet'
  const cut = project.path('cut.parquet')
  copyFileSync(project.path(sample), cut)
  truncateSync(cut, Math.floor(statSync(cut).size / 2))
  fails('a truncated Parquet file', {
    words: ['data', 'import', cut, ...IMPORT, ...dataDir],
    ...{ exitCode: 3, code: 'IMPORT_UNREADABLE' },
    says: [
      'cut.parquet: cannot be read: it is truncated',
      'Nothing was imported',
      'Fetch or export the file again',
    ],
  })
})

describe('a stored month', () => {
  const damaged = makeProject()
  afterAll(damaged.remove)
  const month = 'exchange=binance/symbol=BTCUSDT/interval=1h/2023-08.parquet'
  const fileOf = (root: string) => damaged.path(`data/${root}/${month}`)
  const truncated = fileOf('sample')
  truncateSync(truncated, Math.floor(statSync(truncated).size / 2))
  fails('that is truncated stops the run and names the file', {
    words: ['backtest', 'sweep', 'btc_sma_grid'],
    ...{ exitCode: 3, code: 'DATA_DAMAGED', options: { cwd: damaged.dir } },
    says: [truncated, 'its bytes are not those that were stored', 'Run crypto data check'],
  })

  const poisoned = makeProject()
  afterAll(poisoned.remove)
  const target = poisoned.path(`data/lake/${month}`)
  poisoned.write(`data/lake/${month}`, '')
  const after = withDuckDb({}, (db) =>
    db.run(
      `COPY (SELECT * REPLACE (CASE WHEN row_number() OVER () = 5 THEN -close ELSE close END AS close)
         FROM read_parquet(${sqlText(poisoned.path(`data/sample/${month}`))}, hive_partitioning = false))
       TO ${sqlText(target)} (FORMAT parquet)`,
    ),
  )
  fails('with a negative price stops the run and names the row', {
    words: ['backtest', 'sweep', 'btc_sma_grid'],
    ...{ exitCode: 3, code: 'DATA_INVALID', options: { cwd: poisoned.dir }, after },
    says: [target, 'close'],
  })
})
