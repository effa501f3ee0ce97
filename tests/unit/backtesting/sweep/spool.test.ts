import { afterAll, describe, expect, test } from 'bun:test'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGrid } from '../../../../src/backtesting/sweep/grid.ts'
import { RowStream, rowColumns } from '../../../../src/backtesting/sweep/rows.ts'
import { canonicalizeNaNs, Spool, writeFully } from '../../../../src/backtesting/sweep/spool.ts'
import { METRICS, type MetricName } from '../../../../src/core/metrics.ts'

const folder = mkdtempSync(join(tmpdir(), 'spool-test-'))
let files = 0
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const createSpool = (rows: number) => new Spool(join(folder, `${files++}`), rows)
const rowsFor = (numbers: readonly number[]) =>
  Float64Array.from(numbers.flatMap((n) => METRICS.map((_, m) => n * 100 + m)))

function streamOf(spool: Spool): { readonly seen: number[]; readonly digest: string } {
  const axes = [{ name: 'x', integer: true, values: { from: 0, to: spool.rows - 1, step: 1 } }]
  const grid = createGrid({ sweep: 's', params: ['x'], axes, combinationsMax: 1e6 })
  const stream = new RowStream(grid, { count: grid.size, bits: null, ranks: null }, spool)
  const seen: number[] = []
  for (const values of stream.chunks()) {
    for (let i = 0; i < (values[0]?.length ?? 0); i++) {
      const x = values[0]?.[i] as number
      expect(values[1]?.[i]).toBe(x * 100)
      expect(values[METRICS.length]?.[i]).toBe(x * 100 + METRICS.length - 1)
      seen.push(x)
    }
  }
  return { seen, digest: stream.digest() }
}

describe('a spool', () => {
  test('gives rows back in order of their numbers, and skips those never written', () => {
    const spool = createSpool(20_000)
    for (const numbers of [[15_000, 15_001, 19_999], [3, 4, 9_000], [0]]) {
      spool.write(numbers, rowsFor(numbers))
    }
    expect(spool.completed).toBe(7)
    expect(streamOf(spool).seen).toEqual([0, 3, 4, 9_000, 15_000, 15_001, 19_999])
    spool.close()
  })

  test('has the same digest for the same rows in any order of arrival', () => {
    const one = createSpool(6)
    one.write([0, 1, 2, 3, 4, 5], rowsFor([0, 1, 2, 3, 4, 5]))
    const other = createSpool(6)
    for (const numbers of [
      [4, 5],
      [0, 2],
      [1, 3],
    ])
      other.write(numbers, rowsFor(numbers))
    expect(streamOf(other).digest).toBe(streamOf(one).digest)
    const partial = createSpool(6)
    partial.write([0, 1, 2], rowsFor([0, 1, 2]))
    expect(streamOf(partial).digest).not.toBe(streamOf(one).digest)
  })

  test('keeps what is unbounded; the file has a label for it', () => {
    const spool = createSpool(3)
    const rows = rowsFor([0, 1, 2])
    const at = (row: number, name: MetricName) => row * METRICS.length + METRICS.indexOf(name)
    rows[at(0, 'profit_factor')] = Number.POSITIVE_INFINITY
    rows[at(1, 'profit_factor')] = Number.NaN
    rows[at(2, 'sortino')] = Number.POSITIVE_INFINITY
    spool.write([0, 1, 2], rows)
    const axes = [{ name: 'x', integer: true, values: { from: 0, to: 2, step: 1 } }]
    const grid = createGrid({ sweep: 's', params: ['x'], axes, combinationsMax: 9 })
    const [chunk] = new RowStream(grid, { count: 3, bits: null, ranks: null }, spool).chunks()
    const labels = rowColumns(grid).flatMap((column, i) =>
      column.type === 'LABEL'
        ? [[column.name, ...Array.from(chunk?.[i] as Int32Array, (cell) => column.labels?.[cell])]]
        : [],
    )
    expect(labels).toEqual([
      ['sortino_reason', undefined, undefined, 'no_loss'],
      ['calmar_reason', undefined, undefined, undefined],
      ['profit_factor_reason', 'no_loss', undefined, undefined],
    ])
  })

  test('brings every NaN to one bit pattern', () => {
    const words = new Uint32Array([1, 0xfff80001, 7, 0x7ff00000, 0, 0x3ff00000])
    const values = new Float64Array(words.buffer)
    canonicalizeNaNs(values)
    expect([...words]).toEqual([0, 0x7ff80000, 0, 0x7ff80000, 0, 0x3ff00000])
  })

  test.skipIf(process.platform !== 'linux')('reports a full disk', () => {
    const fd = openSync('/dev/full', 'w')
    expect(() => writeFully(fd, new Uint8Array(10), 0)).toThrow(/ENOSPC/)
    closeSync(fd)
  })
})
