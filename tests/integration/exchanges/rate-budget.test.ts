import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { runBudgetLoad } from '../../../bench/budget-rows.ts'

setDefaultTimeout(60_000)

const LOAD = { processes: 4, weightPerMinute: 120, minutes: 4, speed: 60 }
/** What four processes may use in the whole time, the minute of their start included. */
const GRANTED = LOAD.weightPerMinute * 0.9 * (LOAD.minutes + 1)

/** Real processes against the simulator, which counts by the minute as Binance does; a minute takes a second. */
describe('four processes under one budget', () => {
  test('use what is granted and are never told that it was too much', async () => {
    const { reports, statuses } = await runBudgetLoad({ ...LOAD, killsOne: false })
    expect(Object.keys(statuses)).toEqual(['200'])
    expect(statuses['200']).toBeWithin(GRANTED / 2, GRANTED + 1)
    const answered = reports.map((report) => report?.answered ?? 0)
    const total = answered.reduce((sum, one) => sum + one, 0)
    // Each gets a share: nobody waits while another one takes everything.
    for (const one of answered) expect(one).toBeGreaterThan(total / 20)
  })

  test('stay within it when one of them is killed with requests under way', async () => {
    const { reports, statuses } = await runBudgetLoad({ ...LOAD, killsOne: true })
    expect(Object.keys(statuses)).toEqual(['200'])
    expect(statuses['200']).toBeWithin(GRANTED / 2, GRANTED + 1)
    expect(reports.filter((report) => report === undefined)).toHaveLength(1)
  })
})
