import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../../src/core/clock.ts'
import { createSharedBudget, type RateLimits } from '../../../src/exchanges/budget/shared-budget.ts'
import { startSimulator } from '../../support/simulator.ts'

setDefaultTimeout(180_000)

const folder = mkdtempSync(join(tmpdir(), 'crypto-budget-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

/** A clock that jumps to the end of every wait. */
function jumpingClock(): Clock & { nowMs: number; readonly waits: number[] } {
  const waits: number[] = []
  const clock = {
    nowMs: 1_000_000,
    waits,
    now: () => clock.nowMs,
    async sleep(ms: number, signal?: AbortSignal) {
      signal?.throwIfAborted()
      waits.push(ms)
      clock.nowMs += ms
    },
  }
  return clock
}

function newBudget(limits: RateLimits, clock = jumpingClock(), file = `${files++}.sqlite`) {
  const options = { venue: 'venue', limits, clock, random: () => 0 }
  return { clock, budget: createSharedBudget({ ...options, file: join(folder, file) }), file }
}

const WEIGHT = { requestsPerMinute: 1_000, weightPerMinute: 100 }

describe('a rate budget', () => {
  test('grants nine tenths of the weight at once, and the rest a minute after it was settled', async () => {
    const { budget, clock } = newBudget(WEIGHT)
    for (let i = 0; i < 9; i++) (await budget.take(10)).settle({})
    expect(clock.waits).toEqual([])
    await budget.take(10)
    expect(clock.waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(60_000)
  })

  test('counts requests too', async () => {
    const { budget, clock } = newBudget({ requestsPerMinute: 3 })
    for (let i = 0; i < 3; i++) (await budget.take(1)).settle({})
    expect(clock.waits).toEqual([])
    await budget.take(1)
    expect(clock.waits.length).toBeGreaterThan(0)
  })

  test('a request under way counts until a minute after its answer', async () => {
    const { budget, clock } = newBudget(WEIGHT)
    const slow = await budget.take(90)
    clock.nowMs += 50_000
    slow.settle({})
    clock.nowMs += 30_000
    await budget.take(10)
    expect(clock.waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(30_000)
  })

  test("believes the venue's own count where it is higher: others use the address", async () => {
    const { budget, clock } = newBudget(WEIGHT)
    ;(await budget.take(2)).settle({ usedWeight: 85 })
    ;(await budget.take(4)).settle({})
    expect(clock.waits).toEqual([])
    await budget.take(4)
    expect(clock.waits.length).toBeGreaterThan(0)
  })

  test('what one process was told stops all of them', async () => {
    const { budget, clock, file } = newBudget(WEIGHT)
    const other = newBudget(WEIGHT, clock, file).budget
    ;(await budget.take(2)).settle({ retryAfterMs: 7_000 })
    await other.take(2)
    expect(clock.waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(7_000)
  })

  test('a process that died holds its weight for two minutes at most', async () => {
    const { budget, clock, file } = newBudget(WEIGHT)
    await budget.take(90)
    budget.close()
    clock.nowMs += 120_001
    const after = newBudget(WEIGHT, clock, file).budget
    await after.take(90)
    expect(clock.waits).toEqual([])
  })

  test('a request heavier than the limit is let through alone, and not never', async () => {
    const { budget, clock } = newBudget({ requestsPerMinute: 10, weightPerMinute: 10 })
    ;(await budget.take(20)).settle({})
    expect(clock.waits).toEqual([])
  })

  test('venues do not share', async () => {
    const { budget, clock, file } = newBudget(WEIGHT)
    await budget.take(90)
    const options = { limits: WEIGHT, clock, random: () => 0, file: join(folder, file) }
    await createSharedBudget({ ...options, venue: 'elsewhere' }).take(90)
    expect(clock.waits).toEqual([])
  })

  test('stops waiting when it is told to', async () => {
    const { budget } = newBudget(WEIGHT)
    await budget.take(90)
    const stop = new AbortController()
    stop.abort(new Error('enough'))
    await expect(budget.take(90, stop.signal)).rejects.toThrow('enough')
  })
})

test('four processes on one budget meet no 429, at nine tenths of what the venue grants', async () => {
  const limit = 1_200
  const ms = 66_000
  const simulator = await startSimulator({ limits: { weightPerMinute: limit } })
  const file = join(folder, 'shared.sqlite')
  const script = join(import.meta.dir, '../../support/budget-process.ts')
  const words = [process.execPath, script, file, simulator.url, String(limit), String(ms)]
  const children = Array.from({ length: 4 }, () => Bun.spawn(words, { stdout: 'pipe' }))
  const statuses = await Promise.all(
    children.map(async ({ stdout }) => JSON.parse(await stdout.text())),
  )
  await simulator.stop()
  const total = statuses.reduce((sum, one) => sum + (one[200] ?? 0), 0)
  expect(statuses.map((one) => Object.keys(one))).toEqual([['200'], ['200'], ['200'], ['200']])
  // Two windows of a minute have begun: nine tenths of both were used, less a little for the border.
  expect((total * 2) / (2 * limit)).toBeGreaterThan(0.8)
  expect((total * 2) / (2 * limit)).toBeLessThanOrEqual(0.9)
})
