import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PlatformError } from '../../core/errors.ts'
import { intersectSpans } from '../../core/ranges.ts'
import type { FindHoles } from '../causes.ts'
import { Ledger } from './ledger.ts'
import { LEDGER_FILE } from './ledger-file.ts'

/**
 * Returns what the ledger of a lake knows of missing candles, as it is now. It only reads, beside whoever writes. Without a ledger, or
 * with one that cannot be read, nothing is known: a report that only lacks causes is worth having, and `checkLedger` says why.
 */
export function ledgerHoles(lake: string): FindHoles {
  return async (key, range) => {
    if (!existsSync(join(lake, LEDGER_FILE))) return []
    try {
      using ledger = Ledger.copy(lake, () => {})
      const holes = ledger.holes(ledger.seriesId(key))
      return holes.filter((hole) => intersectSpans(hole, range) !== undefined)
    } catch (error) {
      if (error instanceof PlatformError) return []
      throw error
    }
  }
}

/** Returns what is wrong with the ledger of a lake, for people: nothing when it is sound or absent. */
export function checkLedger(lake: string): readonly string[] {
  const found: string[] = []
  if (!existsSync(join(lake, LEDGER_FILE))) return found
  try {
    Ledger.copy(lake, (message) => found.push(message)).close()
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    found.push(error.message)
  }
  return found
}
