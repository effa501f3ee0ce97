import { expect } from 'bun:test'
import type { ImportRequest } from '../../../src/data/store.ts'
import { importFile } from './import-fixture.ts'
import type { LakeFixture } from './lake-fixture.ts'

export const HOUR = 3_600_000
export const START = Date.UTC(2024, 0, 1)

export interface Candle {
  readonly t: number
  readonly o: number
  readonly h: number
  readonly l: number
  readonly c: number
  readonly v: number
}

/** Rising and falling candles of different bodies, with a first volume of 1.5. */
export const CANDLES: readonly Candle[] = [
  { t: START, o: 100.5, h: 110, l: 90, c: 105.25, v: 1.5 },
  { t: START + HOUR, o: 105.25, h: 115, l: 95, c: 110, v: 2 },
  { t: START + 2 * HOUR, o: 110, h: 120, l: 100, c: 104, v: 3 },
  { t: START + 3 * HOUR, o: 104, h: 125, l: 103, c: 120.125, v: 4.25 },
]
/** Lines of the four candles, hourly or a day each. */
export function rows(line: (candle: Candle, index: number) => string, stepMs = HOUR): string {
  const text = CANDLES.map((one, i) => line({ ...one, t: START + i * stepMs }, i))
  return `${text.join('\n')}\n`
}
export const reversed = (text: string) => `${text.trimEnd().split('\n').toReversed().join('\n')}\n`
export const iso = (ms: number) => new Date(ms).toISOString()
export const clock = (ms: number) => iso(ms).slice(11, 19)
export const day = (ms: number) => iso(ms).slice(0, 10)
export const instant = (ms: number) => `${day(ms)} ${clock(ms)}`
/** From the 12th of January on, so that some row tells day and month apart. */
export const LATE = 11 * 24 * HOUR

export interface Expectation {
  readonly stepMs?: number
  readonly startMs?: number
  readonly hasVolume?: boolean
  readonly notes?: readonly RegExp[]
  readonly options?: Partial<ImportRequest>
}

/** Imports without an interval and compares the candles. */
export async function expectCandles(
  fixture: LakeFixture,
  content: string | Uint8Array,
  { stepMs = HOUR, startMs = START, hasVolume = true, notes = [], options }: Expectation = {},
  expected: readonly Candle[] = CANDLES,
) {
  const { store, done } = importFile(fixture, content, { interval: undefined, ...options })
  const summary = await done
  const interval = stepMs === HOUR ? '1h' : stepMs === 24 * HOUR ? '1d' : `${stepMs / 60_000}m`
  const key = { exchange: 'binance', symbol: summary.symbol, interval }
  expect(summary).toMatchObject({ ...key, rows: expected.length, added: expected.length })
  expect(summary.missingVolume).toBe(hasVolume ? 0 : expected.length)
  expect(summary.notes).toHaveLength(notes.length)
  for (const [i, note] of notes.entries()) expect(summary.notes[i]).toMatch(note)
  const range = { fromMs: START - 24 * HOUR, toMs: START + 60 * 24 * HOUR }
  const read = await store.readCandles({ ...key, ...range })
  expect([...read.openTime]).toEqual(expected.map((_, i) => startMs + i * stepMs))
  expect([...read.open]).toEqual(expected.map(({ o }) => o))
  expect([...read.high]).toEqual(expected.map(({ h }) => h))
  expect([...read.low]).toEqual(expected.map(({ l }) => l))
  expect([...read.close]).toEqual(expected.map(({ c }) => c))
  expect([...read.volume]).toEqual(expected.map(({ v }) => (hasVolume ? v : Number.NaN)))
}
