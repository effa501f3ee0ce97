import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { CandleColumns } from '../src/core/candles.ts'
import type { Clock } from '../src/core/clock.ts'
import { hashColumns } from '../src/data/columns.ts'
import { createLakeStore } from '../src/data/lake/lake-store.ts'
import { candlesWithin } from '../src/data/overlay.ts'
import { encodeCandles } from '../src/data/timescale/copy-binary.ts'
import type { OpenedDatabase } from '../src/data/timescale/index.ts'
import { createTimescaleRepository } from '../src/data/timescale/repository.ts'
import { syncSeries } from '../src/data/timescale/sync/sync-series.ts'
import type { BenchRow } from './rows.ts'
import { createSyntheticCandles } from './series.ts'

const DAY_MS = 86_400_000
const GROUP = 'database'

/** One archive file of a month is about this long. */
const PAGE_MS = 31 * DAY_MS

/**
 * Measures writing candles into a database and copying them into a lake, once each, after proving that both hold what was
 * written.
 * @param opened an empty database; closed by the caller
 * @param rows candles of one minute
 */
export async function measureDatabase(
  opened: OpenedDatabase,
  clock: Clock,
  rows: number,
): Promise<BenchRow[]> {
  const candles = createSyntheticCandles('walk', rows)
  const { exchange, symbol, interval } = candles
  const key = { exchange, symbol, interval }
  const server = await serverNote(opened)
  const writeSeconds = await write(opened, candles, key)
  const bareSeconds = await copyBare(opened, candles)
  const together = await Promise.all(
    ['FIRST', 'SECOND'].map((name) => write(opened, candles, { ...key, symbol: name })),
  )
  const lake = mkdtempSync(join(tmpdir(), 'crypto-bench-cache-'))
  try {
    const started = performance.now()
    const synced = await syncSeries({ opened, lake, clock }, key)
    const syncSeconds = (performance.now() - started) / 1000
    const store = createLakeStore({ lake })
    const last = candles.openTime.at(-1) as number
    const read = await store.readCandles({ ...key, fromMs: 0, toMs: last + 1 })
    store.close()
    if (synced.rows !== rows || read.hash !== hashColumns(candles)) {
      throw new Error('the lake does not hold what was written into the database')
    }
    const again = performance.now()
    await syncSeries({ opened, lake, clock }, key)
    const idleMs = performance.now() - again
    return [
      {
        group: GROUP,
        name: 'bulk write, one series in pages of a month',
        value: rows / writeSeconds,
        unit: 'rows/s',
        budget: { atLeast: 250_000 },
        note: server,
      },
      {
        group: GROUP,
        name: 'reference: COPY of the same pages into a bare table with the same key',
        value: rows / bareSeconds,
        unit: 'rows/s',
        note: 'no constraint, no trigger, no books: what the server can do',
      },
      {
        group: GROUP,
        name: 'bulk write, two series at once',
        value: (2 * rows) / Math.max(...together),
        unit: 'rows/s',
      },
      { group: GROUP, name: 'sync, all months', value: rows / syncSeconds, unit: 'rows/s' },
      { group: GROUP, name: 'sync, nothing changed', value: idleMs, unit: 'ms' },
    ]
  } finally {
    rmSync(lake, { recursive: true, force: true })
  }
}

async function write(
  opened: OpenedDatabase,
  candles: CandleColumns,
  key: { readonly exchange: string; readonly symbol: string; readonly interval: string },
): Promise<number> {
  const repository = createTimescaleRepository(opened)
  const writer = await repository.openSeries(key)
  try {
    const started = performance.now()
    let added = 0
    for (const page of pagesOf(candles)) added += (await writer.commit(page)).added
    const seconds = (performance.now() - started) / 1000
    const whole = { fromMs: 0, toMs: (candles.openTime.at(-1) as number) + 1 }
    const stored = await writer.read(whole)
    if (
      added !== candles.openTime.length ||
      hashColumns(stored) !== hashColumns(candlesWithin(candles, whole))
    ) {
      throw new Error('the database does not hold what was written into it')
    }
    return seconds
  } finally {
    await writer.close()
  }
}

/** Returns the seconds that the server needs for the rows alone. */
async function copyBare({ database }: OpenedDatabase, candles: CandleColumns): Promise<number> {
  const { from } = await import('pg-copy-streams')
  const session = await database.acquire()
  try {
    await session.query(
      'CREATE TABLE bare (LIKE candles, PRIMARY KEY (series_id, open_time)) WITH (autovacuum_enabled = off)',
    )
    const [series] = await session.query<{ id: number }>('SELECT min(series_id) AS id FROM candles')
    const started = performance.now()
    for (const page of pagesOf(candles)) {
      const rows = Readable.from(encodeCandles(page.candles, series?.id as number))
      await session.streamed((client) =>
        pipeline(rows, client.query(from('COPY bare FROM STDIN (FORMAT binary)'))),
      )
    }
    const seconds = (performance.now() - started) / 1000
    const [left] = await session.query<{ rows: string }>(
      'SELECT count(*) AS rows FROM (TABLE candles EXCEPT ALL TABLE bare) AS missing',
    )
    if (left?.rows !== '0') throw new Error('the bare table does not hold the candles')
    return seconds
  } finally {
    await session.release()
  }
}

function pagesOf(candles: CandleColumns) {
  const { openTime } = candles
  const end = (openTime.at(-1) as number) + 60_000
  const pages = []
  for (let fromMs = openTime[0] as number; fromMs < end; fromMs += PAGE_MS) {
    const range = { fromMs, toMs: Math.min(end, fromMs + PAGE_MS) }
    pages.push({ range, candles: candlesWithin(candles, range), holes: [], quarantined: [] })
  }
  return pages
}

/** The settings that decide how fast a server writes. */
async function serverNote({ database, features }: OpenedDatabase): Promise<string> {
  const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers']
  const [row] = await database.query<{ settings: string[] }>(
    'SELECT array(SELECT name || $1 || current_setting(name) FROM unnest($2::text[]) name) AS settings',
    [' ', names],
  )
  return `PostgreSQL ${features.serverVersion} (${features.tier}), ${row?.settings.join(', ')}`
}
