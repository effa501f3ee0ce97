import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CandleStore, ImportRequest } from '../../../src/data/store.ts'
import { BTC, type LakeFixture, sampleSql } from './lake-fixture.ts'

const ms = (text: string) => Date.parse(text)
export const MONTHS = { fromMs: ms('2024-02-01'), toMs: ms('2024-04-01') }
export const TWO_MONTHS = `SELECT * FROM (${sampleSql('2024-02')} UNION ALL ${sampleSql('2024-03')})`

export const HEADER = 'open_time,open,high,low,close,volume'
/** Five hourly candles from 2024-01-01 on. */
export const ROWS = [
  '1704067200000,100,110,90,105,1',
  '1704070800000,105,115,95,110,2',
  '1704074400000,110,120,100,115,3',
  '1704078000000,115,125,105,120,4',
  '1704081600000,120,130,110,125,5',
]

/** Starts the import of a text or of bytes into a lake of its own. */
export function importFile(
  fixture: LakeFixture,
  content: string | Uint8Array,
  options: Partial<ImportRequest> = {},
  name = 'candles.csv',
) {
  const file = join(fixture.folder, name)
  writeFileSync(file, content)
  const store = fixture.store({ sample: false })
  return { ...fixture, file, store, done: store.importCandles({ ...BTC, file, ...options }) }
}

export function csv(rows: readonly string[], header = HEADER): string {
  return `${[header, ...rows].join('\n')}\n`
}

/** The rows above with one of them replaced. */
export function withRow(index: number, row: string): string {
  return csv(ROWS.map((old, i) => (i === index ? row : old)))
}

export async function closesOf(store: CandleStore): Promise<readonly number[]> {
  const range = { fromMs: ms('2023-12-31'), toMs: ms('2024-01-02') }
  return [...(await store.readCandles({ ...BTC, ...range })).close]
}
