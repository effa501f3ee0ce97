import { describe, expect, test } from 'bun:test'
import type { SeriesCheck } from '../../../../src/data/index.ts'
import { dataCheckReport } from '../../../../src/report/commands/data-check.ts'
import { PLAIN } from '../../../../src/report/terminal/style.ts'
import { DAMAGED } from '../check-fixtures.ts'

const linesOf = (...checks: readonly SeriesCheck[]) =>
  dataCheckReport.lines({ checks, ledger: [], warnings: [] }, { ...PLAIN, width: 400 })

describe('data check', () => {
  test('says what to do about damaged months, by where their candles are to be had', () => {
    const text = linesOf(DAMAGED).join('\n')
    expect(text).toContain(
      'to do       2024-03.parquet: run crypto ingest --exchange binance --symbol BTCUSDT --interval 1h --repair over the month, or move',
    )
    expect(text).toContain(
      '2024-04.parquet, 2024-05.parquet: copied from a database; delete the file, then run crypto data sync',
    )
    expect(text).toContain('2024-02.parquet: part of the sample; restore the file')
  })

  test('says how a damaged manifest is renewed', () => {
    const manifest = { path: 'f/manifest.json', month: null, kind: 'wrong', fields: ['x'] } as const
    const check = { ...DAMAGED, damaged: [], manifest: [manifest] }
    const text = linesOf(check).join('\n')
    expect(text).toContain('manifest.json: run crypto ingest')
    expect(text).not.toContain('delete')
  })
})
