import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { createSharedBudget } from '../../src/exchanges/budget/shared-budget.ts'
import { ManualClock } from '../support/manual-clock.ts'

const START = Date.UTC(2024, 0, 1)
const MINUTE = 60_000
const LIMIT = 40
const STEP = 250
const MINUTES = 6

/** A venue that counts weight by the minutes of a clock of its own. */
class Venue {
  readonly counts = new Map<number, number>()
  readonly #clock: ManualClock
  readonly #offsetMs: number

  constructor(clock: ManualClock, offsetMs: number) {
    this.#clock = clock
    this.#offsetMs = offsetMs
  }

  /** Counts a request that has arrived and returns the weight of the minute. */
  count(weight: number): number {
    const minute = Math.floor((this.#clock.now() + this.#offsetMs) / MINUTE)
    const used = (this.counts.get(minute) ?? 0) + weight
    this.counts.set(minute, used)
    return used
  }
}

test('prop_no minute of a venue holds more than its share, whatever its clock, the delays and the crashes', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rate-budget-'))
  let runs = 0
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        offsetMs: fc.integer({ min: -10 * MINUTE, max: 10 * MINUTE }),
        processes: fc.integer({ min: 1, max: 4 }),
        delayMsMax: fc.integer({ min: 1, max: 20_000 }),
        weights: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
        tellsUse: fc.boolean(),
        crashEvery: fc.integer({ min: 10, max: 50 }),
        seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      }),
      async ({ offsetMs, processes, delayMsMax, weights, tellsUse, crashEvery, seed }) => {
        const clock = new ManualClock(START)
        const venue = new Venue(clock, offsetMs)
        const random = generator(seed)
        const file = join(dir, `${++runs}.sqlite`)
        const budgets = Array.from({ length: processes }, () =>
          createSharedBudget({
            file,
            venue: 'venue',
            limits: { requestsPerMinute: 1_000, weightPerMinute: LIMIT },
            clock,
            random,
            warn: () => {},
          }),
        )
        let sent = 0
        const stop = new AbortController()
        const client = async (budget: (typeof budgets)[number]) => {
          for (;;) {
            const weight = weights[sent++ % weights.length] as number
            const permit = await budget.take(weight, stop.signal)
            await clock.sleep(random() * delayMsMax, stop.signal)
            const usedWeight = venue.count(weight)
            await clock.sleep(random() * delayMsMax, stop.signal)
            if (sent % crashEvery !== 0) permit.settle(tellsUse ? { usedWeight } : {})
          }
        }
        const clients = budgets.flatMap((budget) => [client(budget), client(budget)])
        const ended = Promise.allSettled(clients)
        for (let passed = 0; passed < MINUTES * MINUTE; passed += STEP) {
          clock.pass(STEP)
          await Bun.sleep(0)
        }
        stop.abort()
        await ended
        for (const budget of budgets) budget.close()
        expect(Math.max(...venue.counts.values())).toBeLessThanOrEqual(LIMIT * 0.9)
        expect(venue.counts.size).toBeGreaterThan(1)
      },
    ),
    { numRuns: 12 },
  )
  rmSync(dir, { recursive: true, force: true })
}, 60_000)

/** Returns numbers in [0, 1) that follow from the seed. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
