import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/cli/system-clock.ts'
import type { CandleColumns } from '../src/core/candles.ts'
import { hashColumns } from '../src/data/columns.ts'
import { ingest } from '../src/data/ingest/ingest.ts'
import { monthOf, monthRange } from '../src/data/lake/lake.ts'
import { createLakeRepository } from '../src/data/lake/lake-repository.ts'
import { createLakeStore } from '../src/data/lake/lake-store.ts'
import { candlesWithin } from '../src/data/overlay.ts'
import { openDatabase } from '../src/data/timescale/index.ts'
import binance from '../src/exchanges/binance/index.ts'
import { connectExchange } from '../tests/support/connect-exchange.ts'
import { settingsOf, testContext } from '../tests/support/database-settings.ts'
import { createDatabase } from '../tests/support/databases.ts'
import { noPostgresReason, startPostgres } from '../tests/support/postgres.ts'
import { startSimulator } from '../tests/support/simulator.ts'
import { measureDatabase } from './database-rows.ts'
import type { BenchRow } from './rows.ts'
import { createSyntheticCandles } from './series.ts'

const MINUTE_MS = 60_000
const GROUP = 'storage'

/** Fetching, writing and copying candles, each after a check that what is stored is what was given. */
export async function measureStorage(rows: number): Promise<BenchRow[]> {
  const candles = createSyntheticCandles('walk', rows)
  const database = noPostgresReason === undefined ? await measureServer(rows) : []
  return [await measureIngest(candles), await measureLocalWrite(candles), ...database]
}

/** One series from a simulator in this process, page after page, into a lake. */
async function measureIngest(candles: CandleColumns): Promise<BenchRow> {
  const rows = candles.openTime.length
  const fromMs = candles.openTime[0] as number
  const simulator = await startSimulator({
    now: fromMs + (rows + 1) * MINUTE_MS,
    candles: { BTCUSDT: { '1m': candles } },
    limits: { weightPerMinute: 1_000_000_000 },
  })
  const { exchange } = await connectExchange(binance, { baseUrl: simulator.url })
  try {
    return await withLake(candles, 'venue', async (lake) => {
      const repository = createLakeRepository({ lake })
      const started = performance.now()
      const [result] = await ingest(
        {
          symbols: ['BTCUSDT'],
          interval: '1m',
          period: { fromMs, toMs: fromMs + rows * MINUTE_MS },
          repair: false,
          recheckCandles: 10,
          symbolsParallel: 1,
        },
        {
          exchange,
          repository,
          clock: systemClock(Date.now),
          random: () => 0.5,
          elapsed: () => performance.now(),
          policy: { retries: 0, delayMs: 1, delayMsMax: 1 },
          onProgress: () => {},
          warn: () => {},
        },
      )
      const seconds = (performance.now() - started) / 1000
      await repository.close()
      if (result?.error !== undefined) throw result.error
      return row('ingest, one series over HTTP into the lake', rows / seconds)
    })
  } finally {
    await exchange.close()
    await simulator.stop()
  }
}

/** One page a month, as an archive gives them. */
async function measureLocalWrite(candles: CandleColumns): Promise<BenchRow> {
  return await withLake(candles, 'bench', async (lake) => {
    const repository = createLakeRepository({ lake })
    const writer = await repository.openSeries({
      exchange: 'bench',
      symbol: 'BTCUSDT',
      interval: '1m',
    })
    const started = performance.now()
    const last = (candles.openTime.at(-1) as number) + MINUTE_MS
    for (let at = candles.openTime[0] as number; at < last; at = monthRange(monthOf(at)).toMs) {
      const range = { fromMs: at, toMs: Math.min(last, monthRange(monthOf(at)).toMs) }
      await writer.commit({
        range,
        candles: candlesWithin(candles, range),
        holes: [],
        quarantined: [],
      })
    }
    await writer.flush()
    const seconds = (performance.now() - started) / 1000
    await writer.close()
    await repository.close()
    return row('bulk write, local lake', candles.openTime.length / seconds, 1_000_000)
  })
}

/** As a careful person sets up a small server of their own: nothing is lost in a power failure. */
const SERVER_SETTINGS = `
fsync = on
full_page_writes = on
shared_buffers = 512MB
max_wal_size = 4GB
`

async function measureServer(rows: number): Promise<BenchRow[]> {
  const server = await startPostgres(SERVER_SETTINGS)
  const context = testContext()
  const opened = await openDatabase(settingsOf(await createDatabase(server)), context)
  try {
    return await measureDatabase(opened, context.clock, rows)
  } finally {
    await opened.database.close()
    await server.stop()
  }
}

/** Hands out an empty lake, and proves afterwards that it holds the candles. */
async function withLake(
  candles: CandleColumns,
  exchange: string,
  work: (lake: string) => Promise<BenchRow>,
): Promise<BenchRow> {
  const folder = mkdtempSync(join(tmpdir(), 'crypto-bench-lake-'))
  try {
    const lake = join(folder, 'lake')
    const measured = await work(lake)
    const store = createLakeStore({ lake })
    const key = { exchange, symbol: 'BTCUSDT', interval: '1m' }
    const last = candles.openTime.at(-1) as number
    const { hash } = await store.readCandles({ ...key, fromMs: 0, toMs: last + 1 })
    store.close()
    if (hash !== hashColumns(candles)) throw new Error('the lake holds other candles')
    return measured
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function row(name: string, value: number, atLeast?: number): BenchRow {
  const budget = atLeast === undefined ? {} : { budget: { atLeast } }
  return { group: GROUP, name, value, unit: 'rows/s', ...budget, note: 'equal to what was given' }
}
