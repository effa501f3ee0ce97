import type { Exchange as Client } from 'ccxt'
import { ceilToGrid, parseInterval } from '../../core/intervals.ts'
import type { CandleRow } from '../candle-rows.ts'

/** Open times in [fromMs, toMs). */
interface Range {
  readonly fromMs: number
  readonly toMs: number
}

export interface PageRange extends Range {
  readonly interval: string
  readonly candlesPerPage: number
}

/** Asks a venue once for at most `limit` candles of a range. What it makes of that is its own. */
export type Ask = (fromMs: number, toMs: number, limit: number) => Promise<readonly CandleRow[]>

/**
 * Reads the first page of a range from a venue of which it is not known what it makes of a start, an end and a limit: some
 * give the first candles of the range, some the last, some a day's, some the newest ones whatever was asked. So what lies
 * before and after the candles of an answer is asked for by itself, and an answer without candles is believed only when a
 * whole page was asked for.
 */
export async function readRange(page: PageRange, ask: Ask): Promise<readonly CandleRow[]> {
  const grid = parseInterval(page.interval)
  const { candlesPerPage } = page
  const fill = async ({ fromMs, toMs }: Range): Promise<readonly CandleRow[]> => {
    const slots = Math.ceil((toMs - fromMs) / grid.ms)
    if (slots <= 0) return []
    const range = { fromMs, toMs }
    let rows = inRange(await ask(fromMs, toMs, slots), range)
    if (rows.length === 0 && slots < candlesPerPage) {
      rows = inRange(await ask(fromMs, toMs, candlesPerPage), range)
    }
    if (rows.length === 0) return []
    const before = await fill({ fromMs, toMs: timeOf(rows[0]) })
    const after = await fill({ fromMs: timeOf(rows.at(-1)) + grid.ms, toMs })
    return [...before, ...rows, ...after]
  }
  const fromMs = ceilToGrid(page.fromMs, grid)
  return await fill({ fromMs, toMs: Math.min(page.toMs, fromMs + candlesPerPage * grid.ms) })
}

/**
 * Lets a client fail with a row in which it finds no time: by itself it drops such a row, and what was damaged would pass for
 * missing.
 */
export function refuseRowsWithoutTime(client: Client, failure: () => Error): void {
  const { parseOHLCV } = Object.getPrototypeOf(client) as Pick<Client, 'parseOHLCV'>
  const parse: Client['parseOHLCV'] = (raw, market) => {
    const row = parseOHLCV.call(client, raw, market)
    if (Number.isFinite(row[0])) return row
    throw failure()
  }
  Object.assign(client, { parseOHLCV: parse })
}

/** The rows that open in a range: a venue may send more than was asked for. */
export function inRange(rows: readonly CandleRow[], { fromMs, toMs }: Range): readonly CandleRow[] {
  return rows.filter((row) => timeOf(row) >= fromMs && timeOf(row) < toMs)
}

function timeOf(row: CandleRow | undefined): number {
  return row?.[0] ?? Number.NaN
}
