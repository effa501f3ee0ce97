import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createSharedBudget,
  type SharedBudgetOptions,
} from '../../../../src/exchanges/budget/shared-budget.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const root = mkdtempSync(join(tmpdir(), 'budget-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const START = Date.UTC(2024, 0, 1)
let files = 0
const newFile = () => join(root, `${++files}.sqlite`)

function budgetOf(clock: ManualClock, options: Partial<SharedBudgetOptions> = {}) {
  return createSharedBudget({
    file: newFile(),
    venue: 'api.example.com',
    limits: { requestsPerMinute: 1_000, weightPerMinute: 100 },
    clock,
    random: () => 0,
    warn: (message) => {
      throw new Error(message)
    },
    ...options,
  })
}

/** Whether a promise has been fulfilled by now. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  await Bun.sleep(0)
  return (await Promise.race([promise.then(() => true), Bun.sleep(0).then(() => false)])) === true
}

/** What became of a promise by now: its value or its reason. */
async function settled(promise: Promise<unknown>): Promise<unknown> {
  const outcome = promise.catch((error: unknown) => error)
  await Bun.sleep(0)
  return await Promise.race([outcome, Bun.sleep(10).then(() => 'waits')])
}

describe('the shared budget', () => {
  test('uses nine tenths of the weight of a venue, and more once a minute has passed', async () => {
    const clock = new ManualClock(START)
    const budget = budgetOf(clock)
    for (let i = 0; i < 9; i++) (await budget.take(10)).settle({})
    const next = budget.take(1)
    clock.pass(59_999)
    expect(await isDone(next)).toBe(false)
    clock.pass(20)
    expect(await isDone(next)).toBe(true)
  })

  test.each([
    [50, 45],
    [200, 90],
  ])('keeps to the %d that the venue says it grants, if that is less', async (granted, weight) => {
    const clock = new ManualClock(START)
    const budget = budgetOf(clock)
    budget.lower(granted)
    ;(await budget.take(weight)).settle({})
    const next = budget.take(1)
    clock.pass(59_999)
    expect(await isDone(next)).toBe(false)
    clock.pass(20)
    expect(await isDone(next)).toBe(true)
  })

  test('counts requests where no weight is counted', async () => {
    const clock = new ManualClock(START)
    const budget = budgetOf(clock, { limits: { requestsPerMinute: 3 } })
    for (let i = 0; i < 3; i++) (await budget.take(1_000_000)).settle({})
    const fourth = budget.take(1)
    expect(await isDone(fourth)).toBe(false)
    clock.pass(60_001)
    expect(await isDone(fourth)).toBe(true)
  })

  test('counts a request until a minute after its answer, since the venue may have counted it then', async () => {
    const clock = new ManualClock(START)
    const budget = budgetOf(clock)
    const slow = await budget.take(90)
    clock.pass(30_000)
    slow.settle({})
    const next = budget.take(1)
    clock.pass(59_000)
    expect(await isDone(next)).toBe(false)
    clock.pass(1_001)
    expect(await isDone(next)).toBe(true)
  })

  test('is one for everybody who opens the file, and each venue has its own', async () => {
    const clock = new ManualClock(START)
    const file = newFile()
    const [first, second] = [budgetOf(clock, { file }), budgetOf(clock, { file })]
    ;(await first.take(90)).settle({})
    expect(await isDone(second.take(1))).toBe(false)
    const other = budgetOf(clock, { file, venue: 'other.example.com' })
    expect(await isDone(other.take(90))).toBe(true)
  })

  test('believes the venue where it has counted more than we have', async () => {
    const clock = new ManualClock(START)
    const budget = budgetOf(clock)
    ;(await budget.take(2)).settle({ usedWeight: 85 })
    expect(await isDone(budget.take(5))).toBe(true)
    const next = budget.take(1)
    expect(await isDone(next)).toBe(false)
    clock.pass(60_001)
    expect(await isDone(next)).toBe(true)
  })

  test('adds what is under way to what the venue has counted', async () => {
    const clock = new ManualClock(START)
    const budget = budgetOf(clock)
    const [first] = [await budget.take(20), await budget.take(20)]
    first?.settle({ usedWeight: 60 })
    expect(await isDone(budget.take(11))).toBe(false)
  })

  test('keeps everybody silent for as long as the venue says', async () => {
    const clock = new ManualClock(START)
    const file = newFile()
    const [first, second] = [budgetOf(clock, { file }), budgetOf(clock, { file })]
    const limited = await first.take(1)
    limited.settle({ retryAfterMs: 30_000 })
    const waiting = [first.take(1), second.take(1)]
    clock.pass(15_000)
    clock.pass(14_999)
    for (const one of waiting) expect(await isDone(one)).toBe(false)
    for (let i = 0; i < 20; i++) {
      clock.pass(15_000)
      await Bun.sleep(0)
    }
    for (const one of waiting) expect(await isDone(one)).toBe(true)
  })

  test('tells of a ban once, and no shorter one ends it sooner', async () => {
    const clock = new ManualClock(START)
    const warnings: string[] = []
    const budget = budgetOf(clock, { warn: (message) => warnings.push(message) })
    const permits = [await budget.take(1), await budget.take(1)]
    permits[0]?.settle({ retryAfterMs: 600_000 })
    permits[1]?.settle({ retryAfterMs: 1_000 })
    const waiting = budget.take(1)
    for (let i = 0; i < 39; i++) {
      clock.pass(15_100)
      await Bun.sleep(0)
    }
    expect(await isDone(waiting)).toBe(false)
    expect(warnings).toEqual([
      'api.example.com accepts no requests from this address until 2024-01-01T00:10:00Z; waiting.',
    ])
  })

  test('refuses everybody while the venue takes nothing for more than ten minutes, and says until when', async () => {
    const clock = new ManualClock(START)
    const file = newFile()
    const budget = budgetOf(clock, { file })
    ;(await budget.take(1)).settle({ retryAfterMs: 3_600_000 })
    clock.pass(60_000)
    const later = budgetOf(clock, { file })
    for (const one of [budget, budget, later]) {
      expect(await settled(one.take(1))).toMatchObject({
        code: 'RATE_LIMITED',
        exitCode: 5,
        context: { venue: 'api.example.com', retryAfterMs: 3_540_000 },
        message:
          'api.example.com accepts no requests from this address until 2024-01-01T01:00:00Z.',
      })
    }
    clock.pass(3_540_000)
    expect(await isDone(budget.take(1))).toBe(true)
  })

  test('forgets a ban after three days, however long the venue says', async () => {
    const clock = new ManualClock(START)
    const budget = budgetOf(clock)
    ;(await budget.take(1)).settle({ retryAfterMs: 999_999_999_000 })
    clock.pass(3 * 86_400_000 - 600_001)
    expect(await settled(budget.take(1))).toMatchObject({ code: 'RATE_LIMITED' })
    clock.pass(600_001)
    expect(await isDone(budget.take(1))).toBe(true)
  })

  test('forgets a request of a process that died', async () => {
    const clock = new ManualClock(START)
    const file = newFile()
    const dead = budgetOf(clock, { file })
    await dead.take(90)
    dead.close()
    const waiting = budgetOf(clock, { file }).take(1)
    for (let passed = 0; passed < 119_000; passed += 1_000) {
      clock.pass(1_000)
      await Bun.sleep(0)
    }
    expect(await isDone(waiting)).toBe(false)
    for (let i = 0; i < 70; i++) {
      clock.pass(1_000)
      await Bun.sleep(0)
    }
    expect(await isDone(waiting)).toBe(true)
  })

  test('counts a request that ends after it was taken for lost', async () => {
    const clock = new ManualClock(START)
    const file = newFile()
    const [slow, other] = [budgetOf(clock, { file }), budgetOf(clock, { file })]
    const permit = await slow.take(90)
    clock.pass(200_000)
    ;(await other.take(0)).settle({})
    permit.settle({})
    const waiting = other.take(1)
    clock.pass(15_100)
    expect(await isDone(waiting)).toBe(false)
  })

  test('serves first come, first served, also when a lighter request comes later', async () => {
    const clock = new ManualClock(START)
    const budget = budgetOf(clock)
    ;(await budget.take(85)).settle({})
    const order: string[] = []
    const heavy = budget.take(10).then(() => order.push('heavy'))
    const light = budget.take(1).then(() => order.push('light'))
    expect(await isDone(light)).toBe(false)
    for (let i = 0; i < 5; i++) {
      clock.pass(15_001)
      await Bun.sleep(0)
    }
    await Promise.all([heavy, light])
    expect(order).toEqual(['heavy', 'light'])
  })

  test('lets those who wait leave, and serves the others', async () => {
    const clock = new ManualClock(START)
    const budget = budgetOf(clock)
    ;(await budget.take(90)).settle({})
    const stop = new AbortController()
    const leaving = budget.take(50, stop.signal)
    const staying = budget.take(1)
    const reason = new Error('enough')
    stop.abort(reason)
    expect(await leaving.catch((error) => error)).toBe(reason)
    expect(budget.take(1, AbortSignal.abort(reason))).rejects.toBe(reason)
    for (let i = 0; i < 5; i++) {
      clock.pass(15_001)
      await Bun.sleep(0)
    }
    expect(await isDone(staying)).toBe(true)
  })

  test('lets a request that is heavier than the limit go alone', async () => {
    const clock = new ManualClock(START)
    const budget = budgetOf(clock)
    ;(await budget.take(500)).settle({})
    const next = budget.take(1)
    expect(await isDone(next)).toBe(false)
    clock.pass(60_001)
    expect(await isDone(next)).toBe(true)
  })

  test('does not wait for hours after the clock was set back by hours', async () => {
    const clock = new ManualClock(START)
    const budget = budgetOf(clock)
    ;(await budget.take(90)).settle({ usedWeight: 90 })
    clock.pass(-7_200_000)
    const next = budget.take(1)
    expect(await isDone(next)).toBe(false)
    for (let i = 0; i < 5; i++) {
      clock.pass(15_001)
      await Bun.sleep(0)
    }
    expect(await isDone(next)).toBe(true)
  })

  test.each([
    [
      'is no database',
      () => {
        const file = newFile()
        writeFileSync(
          file,
          'not a database, but long enough to be read as the header of one '.repeat(20),
        )
        return file
      },
    ],
    ['cannot be created', () => join(root, 'missing', 'file.sqlite')],
  ])('keeps to the limits alone, and says so, when the file %s', async (_, fileOf) => {
    const clock = new ManualClock(START)
    const warnings: string[] = []
    const file = fileOf()
    const budget = budgetOf(clock, { file, warn: (message) => warnings.push(message) })
    ;(await budget.take(90)).settle({})
    expect(await isDone(budget.take(1))).toBe(false)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(file)
    expect(warnings[0]).toContain('not shared with other processes')
  })
})
