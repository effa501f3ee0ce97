import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CandleColumns } from '../src/core/candles.ts'
import type { Clock } from '../src/core/clock.ts'
import { hashColumns } from '../src/data/columns.ts'
import { createLocalStore } from '../src/data/local/local-store.ts'
import { candlesWithin } from '../src/data/overlay.ts'
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
  const lake = mkdtempSync(join(tmpdir(), 'crypto-bench-cache-'))
  try {
    const started = performance.now()
    const synced = await syncSeries({ opened, lake, clock }, key)
    const syncSeconds = (performance.now() - started) / 1000
    const store = createLocalStore({ lake })
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
        name: 'bulk write, pages of a month',
        value: rows / writeSeconds,
        unit: 'rows/s',
        budget: { atLeast: 250_000 },
        note: server,
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
  const pages = pagesOf(candles)
  const repository = createTimescaleRepository(opened)
  const writer = await repository.openSeries(key)
  try {
    const started = performance.now()
    let added = 0
    for (const page of pages) added += (await writer.commit(page)).added
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
