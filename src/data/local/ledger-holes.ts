import { Database } from 'bun:sqlite'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FindHoles } from '../causes.ts'
import type { Hole } from '../repository.ts'
import { LEDGER_FILE, LEDGER_VERSION } from './ledger-file.ts'

const HOLES = `SELECT from_ms AS fromMs, to_ms AS toMs, cause, first_seen_ms AS firstSeenMs, last_check_ms AS lastCheckMs
  FROM holes JOIN series ON series.id = holes.series
  WHERE exchange = ? AND symbol = ? AND interval = ? AND to_ms > ? AND from_ms < ? ORDER BY from_ms`

/**
 * Returns what the ledger of a lake knows of missing candles. It only reads, beside whoever writes. Without a ledger, or with one
 * that cannot be read, nothing is known: a report that only lacks causes is worth having.
 */
export function ledgerHoles(lake: string): FindHoles {
  const path = join(lake, LEDGER_FILE)
  return async ({ exchange, symbol, interval }, { fromMs, toMs }) => {
    if (!existsSync(path)) return []
    try {
      using db = new Database(path, { readonly: true })
      const version = db.query('PRAGMA user_version').get() as { user_version: number }
      if (version.user_version !== LEDGER_VERSION) return []
      return db.query(HOLES).all(exchange, symbol, interval, fromMs, toMs) as Hole[]
    } catch {
      return []
    }
  }
}
