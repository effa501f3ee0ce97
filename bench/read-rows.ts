import { createLakeStore } from '../src/data/index.ts'
import type { StoredCandles } from '../src/data/store.ts'
import type { BenchRow } from './rows.ts'
import type { LakeSource } from './source.ts'
import { median } from './timing.ts'

/**
 * Reading a series into columns, check and content hash included: from Parquet through DuckDB, and from the copies that the
 * first read has made. Both are compared bit for bit before anything is timed.
 * @throws Error when they differ
 */
export async function measureReads(source: LakeSource, runs: number): Promise<BenchRow[]> {
  const parquet = () => read(source, Infinity)
  const copies = () => read(source, 0)
  const [expected, found] = [await parquet(), await copies()]
  if (!isSame(expected, found)) throw new Error('copies and Parquet files hold other candles')
  const rows = expected.openTime.length
  const row = async (name: string, work: () => Promise<unknown>): Promise<BenchRow> => ({
    group: 'read into columns',
    name: `${name}, ${rows} candles`,
    value: ((await medianOf(runs, work)) * 1e9) / rows,
    unit: 'ns/row',
    note: `content ${expected.hash.slice(0, 12)}`,
  })
  return [await row('Parquet, DuckDB', parquet), await row('copies in .hot', copies)]
}

async function read(source: LakeSource, hotRowsMin: number): Promise<StoredCandles> {
  const store = createLakeStore({ lake: source.lake, hotRowsMin })
  try {
    return await store.readCandles(source)
  } finally {
    store.close()
  }
}

function isSame(a: StoredCandles, b: StoredCandles): boolean {
  const columns = ['openTime', 'open', 'high', 'low', 'close', 'volume'] as const
  return (
    a.hash === b.hash &&
    columns.every((name) => a[name].every((value, row) => Object.is(value, b[name][row])))
  )
}

async function medianOf(runs: number, work: () => Promise<unknown>): Promise<number> {
  const seconds: number[] = []
  for (let run = 0; run < runs; run++) {
    const start = performance.now()
    await work()
    seconds.push((performance.now() - start) / 1000)
  }
  return median(seconds)
}
