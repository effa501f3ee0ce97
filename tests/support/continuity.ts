import type { Continuity } from '../../src/data/continuity.ts'

/** Says that so many candles were judged and none was missing, but for the changes. */
export function continuity(bars: number, changes: Partial<Continuity> = {}): Continuity {
  return {
    expected: bars,
    present: bars,
    missing: 0,
    gaps: 0,
    longestGap: null,
    causes: [],
    resampledFrom: null,
    sparse: false,
    incomplete: 0,
    ...changes,
  }
}
