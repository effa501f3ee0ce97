import { describe, expect, test } from 'bun:test'
import { FaultLog } from '../../../src/simulator/faults/fault-log.ts'
import { parseFaultPlan } from '../../../src/simulator/faults/plan.ts'
import { RequestFaults } from '../../../src/simulator/faults/request-faults.ts'
import { withRowFaults } from '../../../src/simulator/faults/row-faults.ts'
import { klineRow } from '../../../src/simulator/kline.ts'

const MINUTE = 60_000
const ROWS = Array.from({ length: 50 }, (_, i) =>
  klineRow({ openTime: i * MINUTE, open: 10, high: 12, low: 9, close: 11, volume: 5 }, MINUTE),
)

function requests(fault: object, seed = 1) {
  const plan = parseFaultPlan(JSON.stringify({ faults: [fault] }), 'plan')
  const faults = new RequestFaults(plan, seed, new FaultLog())
  return () => {
    const occasion = { endpoint: 'klines', symbol: 'BTCUSDT', interval: '1m', nowMs: 0 }
    return withRowFaults(ROWS, faults.next(occasion))
  }
}

/** What is wrong with a row, if anything: the rules that a careful client checks. */
function faultOf(row: readonly unknown[]): string | undefined {
  if (row.length !== 12) return 'length'
  if (!Number.isInteger(row[0]) || Number(row[0]) % MINUTE !== 0) return 'time'
  if (row.slice(1, 6).some((value) => typeof value !== 'string' || value === '')) return 'type'
  const [open = 0, high = 0, low = 0, close = 0, volume = 0] = row.slice(1, 6).map(Number)
  if (![open, high, low, close, volume].every(Number.isFinite)) return 'number'
  if (volume < 0) return 'volume'
  if (!(low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close))) return 'prices'
  return undefined
}

describe('rows of a reply', () => {
  test('that are spoiled break a rule each, and the rest is untouched', () => {
    const kinds = new Set<string>()
    for (let seed = 0; seed < 40; seed++) {
      const rows = requests({ kind: 'invalid_rows', rows: 3 }, seed)()
      expect(rows).toHaveLength(50)
      const spoiled = rows.filter((row, i) => !Bun.deepEquals(row, ROWS[i]))
      expect(spoiled.length).toBeWithin(1, 4)
      for (const row of spoiled) kinds.add(String(faultOf(row)))
    }
    expect([...kinds].sort()).toEqual(['length', 'number', 'prices', 'time', 'type', 'volume'])
  })

  test('that are missing are neighbours', () => {
    for (let seed = 0; seed < 20; seed++) {
      const times = requests({ kind: 'missing_rows', rows: 6 }, seed)().map(([time]) =>
        Number(time),
      )
      const lost = ROWS.flatMap(([time], i) => (times.includes(time) ? [] : [i]))
      expect(lost.length).toBeWithin(1, 7)
      expect(lost).toEqual(lost.map((_, i) => Number(lost[0]) + i))
    }
  })

  test('are each left out once, whatever the probability', () => {
    const next = requests({ kind: 'missing_rows', rows: 50 })
    const missing = new Map<number, number>()
    for (let i = 0; i < 100; i++) {
      const times = new Set(next().map(([time]) => time))
      for (const [time] of ROWS) {
        if (!times.has(time)) missing.set(time, (missing.get(time) ?? 0) + 1)
      }
    }
    expect(Math.max(...missing.values())).toBe(1)
    expect(missing.size).toBeGreaterThan(40)
  })

  test('of an empty reply have no faults', () => {
    const plan = parseFaultPlan('faults: [{ kind: unsorted_rows }]', 'plan')
    const incident = new RequestFaults(plan, 1, new FaultLog()).next({ nowMs: 0 })
    expect(withRowFaults([], incident)).toEqual([])
    expect(incident.kinds).toEqual([])
  })
})

test('happens at most max_times', () => {
  const next = requests({ kind: 'duplicate_rows', max_times: 2 })
  expect([next(), next(), next(), next()].map((rows) => rows.length)).toEqual([51, 51, 50, 50])
})
