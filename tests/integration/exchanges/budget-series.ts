import { describe, expect, test } from 'bun:test'
import { runBudgetLoad } from '../../../bench/budget-rows.ts'

/** @param minutes of the simulated venue; one takes a second */
export function testSharedBudget(minutes: number): void {
  const load = { processes: 4, weightPerMinute: 120, minutes, speed: 60 }
  /** What four processes may use in the whole time, the minute of their start included. */
  const granted = load.weightPerMinute * 0.9 * (load.minutes + 1)

  /** Real processes against the simulator, which counts by the minute as Binance does. */
  describe('four processes under one budget', () => {
    test('use what is granted and are never told that it was too much', async () => {
      const { reports, statuses } = await runBudgetLoad({ ...load, killsOne: false })
      expect(Object.keys(statuses)).toEqual(['200'])
      expect(statuses['200']).toBeWithin(granted / 2, granted + 1)
      const answered = reports.map((report) => report?.answered ?? 0)
      const total = answered.reduce((sum, one) => sum + one, 0)
      // Each gets a share: nobody waits while another one takes everything.
      for (const one of answered) expect(one).toBeGreaterThan(total / 20)
    })

    test('stay within it when one of them is killed with requests under way', async () => {
      const { reports, statuses } = await runBudgetLoad({ ...load, killsOne: true })
      expect(Object.keys(statuses)).toEqual(['200'])
      expect(statuses['200']).toBeWithin(granted / 2, granted + 1)
      expect(reports.filter((report) => report === undefined)).toHaveLength(1)
    })
  })
}
