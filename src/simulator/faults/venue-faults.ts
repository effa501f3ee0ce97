import { floorTo, roundTo } from '../decimal.ts'
import type { Precision } from '../market/forming.ts'
import type { Candle } from '../market/series.ts'
import { Dice, textKey } from '../random.ts'
import type { SeriesIdentity, SeriesRules, VenueRules } from '../venue/rules.ts'
import { type Fault, type FaultPlan, faultsOf } from './plan.ts'

type RecordFault = Fault<'holes' | 'corrupt_candles' | 'late_corrections'>

/** The exchange whose records have the planned holes, corruptions and late corrections. */
export function venueFaults(plan: FaultPlan, seed: number): VenueRules {
  const all = faultsOf(plan, 'holes', 'corrupt_candles', 'late_corrections')
  return {
    of(series) {
      const own = all.filter(
        ({ symbols, intervals }) =>
          (symbols?.includes(series.symbol) ?? true) &&
          (intervals?.includes(series.interval) ?? true),
      )
      return new PlannedSeries(own, series, seed)
    },
  }
}

class PlannedSeries implements SeriesRules {
  readonly #holes: readonly RecordFault[]
  readonly #corruptions: readonly RecordFault[]
  readonly #corrections: readonly Fault<'late_corrections'>[]
  readonly #series: SeriesIdentity
  readonly #key: readonly number[]

  constructor(faults: readonly RecordFault[], series: SeriesIdentity, seed: number) {
    this.#holes = faults.filter(({ kind }) => kind === 'holes')
    this.#corruptions = faults.filter(({ kind }) => kind === 'corrupt_candles')
    this.#corrections = faultsOf({ faults }, 'late_corrections')
    this.#series = series
    this.#key = [seed, textKey(series.symbol), textKey(series.interval)]
  }

  isMissing(openTime: number): boolean {
    return this.#holes.some((fault) => this.#dice(fault, openTime) !== undefined)
  }

  recorded(candle: Candle, nowMs: number): Candle {
    const closeTime = candle.openTime + this.#series.ms
    let recorded = candle
    for (const fault of this.#corrections) {
      const isPreliminary = closeTime <= nowMs && nowMs < closeTime + fault.settle_seconds * 1000
      if (isPreliminary && this.#dice(fault, candle.openTime) !== undefined) {
        recorded = preliminary(recorded, this.#series.precision)
      }
    }
    for (const fault of this.#corruptions) {
      const dice = this.#dice(fault, candle.openTime)
      // By the first one only: a second could undo it.
      if (dice !== undefined) return corrupted(recorded, dice)
    }
    return recorded
  }

  /** The candle's dice when the fault hits it. */
  #dice(fault: RecordFault, openTime: number): Dice | undefined {
    if (openTime < fault.fromMs || openTime + this.#series.ms > fault.toMs) return undefined
    const dice = new Dice([...this.#key, fault.index, openTime])
    return dice.chance(fault.probability) ? dice : undefined
  }
}

/** A sixteenth of the volume is not counted yet, and the last trades are missing. */
function preliminary(candle: Candle, precision: Precision): Candle {
  const { open, close, volume } = candle
  return {
    ...candle,
    close: roundTo((open + close) / 2, precision.price),
    volume: floorTo((volume * 15) / 16, precision.size),
  }
}

/** Breaks one rule that every candle keeps. */
function corrupted(candle: Candle, dice: Dice): Candle {
  const { high, volume } = candle
  return dice.pick<Candle>([
    { ...candle, low: high * 3 },
    { ...candle, close: high * 2 },
    { ...candle, open: -candle.open },
    { ...candle, volume: -volume - 1 },
  ])
}
