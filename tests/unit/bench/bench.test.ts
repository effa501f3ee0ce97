import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GRIDS, pointsOf, sizeOf, thinned, valuesOf } from '../../../bench/grids.ts'
import { parseOptions } from '../../../bench/options.ts'
import { type BenchRow, formatRows, meetsBudget } from '../../../bench/rows.ts'
import { createSyntheticCandles } from '../../../bench/series.ts'
import { median } from '../../../bench/timing.ts'
import { noPostgresReason } from '../../support/postgres.ts'

setDefaultTimeout(60_000)

const ROOT = new URL('../../..', import.meta.url).pathname

describe('bench', () => {
  test('runs in its quick form, every part of it', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'bench-test-'))
    try {
      const file = join(dir, 'bench.json')
      const args = [process.execPath, 'bench/main.ts', '--quick', '--json', file]
      const { exitCode, stderr } = Bun.spawnSync(args, { cwd: ROOT })
      expect({ exitCode, stderr: stderr.toString() }).toEqual({ exitCode: 0, stderr: '' })
      const { schema, machine, rows } = await Bun.file(file).json()
      expect(schema).toBe('bench/1')
      expect(machine).toMatchObject({ bun: Bun.version, seed: 20_240_101 })
      const groups = new Set((rows as BenchRow[]).map(({ group }) => group.split(/[:,]/)[0]))
      expect([...groups]).toEqual([
        'against the reference',
        'single run in the kernel',
        'operations',
        'sweep',
        'growth',
        'command line',
        'storage',
        ...(noPostgresReason === undefined ? ['database'] : []),
        'rate budget',
      ])
      expect((rows as BenchRow[]).filter(({ value }) => !Number.isFinite(value))).toEqual([])
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  }, 60_000)

  test('grids hold 10,000 pairs, fast always shorter than slow', () => {
    for (const grid of Object.values(GRIDS)) {
      expect(sizeOf(grid)).toBe(10_000)
      expect(Math.max(...valuesOf(grid.fast))).toBeLessThan(Math.min(...valuesOf(grid.slow)))
    }
  })

  test('a thinned grid keeps its range and has about as many pairs as asked', () => {
    const thin = thinned(GRIDS[500], 1000)
    expect(sizeOf(thin)).toBeWithin(900, 1100)
    expect(valuesOf(thin.slow).at(-1)).toBeWithin(1000, 1126)
    expect([...pointsOf(thinned(GRIDS[20], 4))]).toEqual([1, 51, 1, 101, 1, 151, 1, 201])
  })

  test('the same seed gives the same candles', () => {
    const [once, again] = [1, 2].map(() => createSyntheticCandles('choppy', 100))
    expect(once).toEqual(again!)
    expect(createSyntheticCandles('walk', 100).close).not.toEqual(once!.close)
  })

  test('a row meets its budget on the right side of the limit', () => {
    const row = (value: number, budget: object) => ({
      group: 'g',
      name: 'n',
      unit: 's',
      value,
      budget,
    })
    expect(meetsBudget(row(2, { atLeast: 2 }))).toBe(true)
    expect(meetsBudget(row(2, { atMost: 1 }))).toBe(false)
    expect(meetsBudget({ group: 'g', name: 'n', unit: 's', value: 1 })).toBeUndefined()
    expect(formatRows([row(1234.5, { atMost: 1 })])).toBe('\ng\n  n  1,235  s  MISSES <= 1')
  })

  test('the median is the middle value', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
  })

  test('refuses a number of runs that is none', () => {
    expect(() => parseOptions(['--runs', '0'])).toThrow('--runs must be a whole number')
    expect(() => parseOptions(['--fast'])).toThrow()
    expect(parseOptions(['--quick']).runs).toBe(1)
  })
})
