import { expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import { CANDLE_SYMBOLS, type OperationName, operation } from '../../src/kernel/expression.ts'
import { candlesOf } from '../unit/indicators/kernel.ts'
import { kernel } from './kernel.ts'

setDefaultTimeout(60_000)

/**
 * Prices as files hold them, decimals of a tick, against figures in whole ticks without any rounding: a comparison with a
 * threshold has to come out as with the decimals, also where the figure is the threshold. Kinds: freqtrade #746 (signals that
 * are only just met), cinar/indicator #455 and ta4j #1116 (prices that stand still).
 */
interface Walk {
  readonly ticks: readonly number[]
  readonly places: number
}

/** Walks of few ticks a bar, so that ties are frequent, with one long stretch that stands still. */
const walks = fc
  .record({
    start: fc.integer({ min: 40, max: 5_000 }),
    steps: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 30, maxLength: 150 }),
    still: fc.constantFrom(0, 5, 700, 2_500),
    places: fc.integer({ min: 0, max: 12 }),
  })
  .map(({ start, steps, still, places }): Walk => {
    const half = steps.length >> 1
    const all = [...steps.slice(0, half), ...Array<number>(still).fill(0), ...steps.slice(half)]
    let level = start
    return { ticks: all.map((step) => (level = Math.max(1, level + step))), places }
  })

/** Where the kernel's figure stands to each threshold: −1, 0, 1, or NaN where it is not defined. */
function sides(walk: Walk, name: OperationName, period: number, threshold: number): number[] {
  const close = walk.ticks.map((count) => Number(`${count}e-${walk.places}`))
  const node = operation(name, [CANDLE_SYMBOLS.close], [period])
  const [values] = kernel.evaluate(candlesOf({ close }), [node])
  return [...values!].map((value) => Math.sign(value - threshold))
}

const sign = (value: bigint) => (value > 0n ? 1 : value < 0n ? -1 : 0)

test('prop_rate_of_change is above, at or below a percentage as the decimals are', () => {
  const thousandths = fc.constantFrom(0, 100, 125, 250, 500, 1000, 2000, 2500, 5000, 10_000, -2000)
  fc.assert(
    fc.property(walks, fc.integer({ min: 1, max: 24 }), thousandths, (walk, period, percent) => {
      const exact = walk.ticks.map((now, bar) => {
        const before = walk.ticks[bar - period]
        if (before === undefined) return Number.NaN
        return Math.sign((now - before) * 100_000 - percent * before)
      })
      expect(sides(walk, 'rate_of_change', period, percent / 1000)).toEqual(exact)
    }),
    { numRuns: 300 },
  )
})

/** Where Wilder's RSI in whole numbers stands to a level; 0 at it and next to it. */
function exactRsi(ticks: readonly number[], period: number, level: number): number[] {
  const exact = ticks.map(() => Number.NaN)
  const n = BigInt(period)
  // In units of n^-bars: what shrinks by (n - 1) / n a bar is multiplied by n - 1, and what is new by a power of n.
  let [gain, loss, unit] = [0n, 0n, 1n]
  for (let bar = 1; bar < ticks.length; bar++) {
    const change = BigInt(ticks[bar]! - ticks[bar - 1]!)
    if (bar > period) [gain, loss, unit] = [gain * (n - 1n), loss * (n - 1n), unit * n]
    if (change > 0n) gain += change * unit
    else loss -= change * unit
    if (bar < period) continue
    const [strong, total] = gain + loss === 0n ? [1n, 2n] : [gain, gain + loss]
    const distance = 100n * strong - BigInt(level) * total
    // The kernel's sums are rounded: closer than this to the level it may be on either side.
    const magnitude = distance < 0n ? -distance : distance
    exact[bar] = magnitude * 10n ** 8n < total ? 0 : sign(distance)
  }
  return exact
}

test('prop_rsi is above or below a level as the decimals are, however long prices stand still', () => {
  const periods = fc.constantFrom(2, 3, 4, 14)
  fc.assert(
    fc.property(walks, periods, fc.constantFrom(25, 30, 50, 70), (walk, period, level) => {
      const exact = exactRsi(walk.ticks, period, level)
      const decided = (side: number, bar: number) => (exact[bar] === 0 ? 0 : side)
      expect(sides(walk, 'rsi', period, level).map(decided)).toEqual(exact)
    }),
    { numRuns: 150 },
  )
})
