import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { partitionPath } from '../../../src/data/lake/lake.ts'
import { copyTo, failureOf, makeLake } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const lake = makeLake()
afterAll(() => lake.remove())

const KEY = { exchange: 'binance', symbol: 'MADE', interval: '1m' }
/** DuckDB hands rows out in chunks of this many. */
const CHUNK_ROWS = 2048

test('a repeated candle is found when the two lie in different chunks', async () => {
  const start = Date.UTC(2024, 0, 1)
  // Row 2,048 has the time of row 2,047: each chunk by itself is in order.
  const time = `${start} + 60000 * (i - CAST(i >= ${CHUNK_ROWS} AS BIGINT))`
  const sql = `SELECT CAST(${time} AS BIGINT) AS open_time, 1.0 AS open, 1.0 AS high, 1.0 AS low, 1.0 AS close, 1.0 AS volume FROM range(3000) t(i)`
  await copyTo(partitionPath(lake.lake, KEY, '2024-01'), sql)
  const request = { ...KEY, fromMs: start, toMs: start + 86_400_000 * 3 }
  const { code, message } = await failureOf(lake.store().readCandles(request))
  expect(code).toBe('DATA_INVALID')
  expect(message).toContain('row 2049')
})
