import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { partitionPath } from '../../../src/data/lake/lake.ts'
import { candlesWithin } from '../../../src/data/overlay.ts'
import type { TimeRange } from '../../../src/data/store.ts'
import { walkCandles } from '../../support/walk.ts'
import { VENUE_BTC, withSeries } from './lake-fixture.ts'

export const HOUR = 3_600_000
export const JANUARY = { fromMs: Date.UTC(2024, 0, 1), toMs: Date.UTC(2024, 1, 1) }
export const FEBRUARY = { fromMs: JANUARY.toMs, toMs: Date.UTC(2024, 2, 1) }
export const MARCH = { fromMs: FEBRUARY.toMs, toMs: Date.UTC(2024, 3, 1) }
export const WHOLE = { fromMs: JANUARY.fromMs, toMs: MARCH.toMs }
export const CANDLES = walkCandles({ ...WHOLE, stepMs: HOUR, seed: 3 })

export const pageOf = (range: TimeRange, candles = CANDLES) => ({
  range,
  candles: candlesWithin(candles, range),
  holes: [],
  quarantined: [],
})

/** Fills a new lake: three months are stored, and what a close look at them found. */
export async function filledLake(lake: string): Promise<string> {
  await withSeries({ lake }, async (writer) => {
    await writer.commit(pageOf(WHOLE))
    await writer.flush()
  })
  return lake
}

export const fileOf = (lake: string, month: string) => partitionPath(lake, VENUE_BTC, month)
export const manifestOf = (lake: string) => join(fileOf(lake, '2024-01'), '..', 'manifest.json')

/** Fills a new lake; returns the file of a February without its last nine days. */
export async function shortFebruary(lake: string): Promise<Uint8Array> {
  const range = { fromMs: FEBRUARY.fromMs, toMs: Date.UTC(2024, 1, 20) }
  await withSeries({ lake }, async (writer) => {
    await writer.commit(pageOf(range))
    await writer.flush()
  })
  return readFileSync(fileOf(lake, '2024-02'))
}
