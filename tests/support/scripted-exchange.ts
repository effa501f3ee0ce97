import type { CandleColumns } from '../../src/core/candles.ts'
import { findIntervalMs } from '../../src/core/units.ts'
import { columnsOf, FILE_COLUMNS } from '../../src/data/columns.ts'
import type { CandleQuery, Exchange } from '../../src/exchanges/exchange.ts'

export type Row = readonly [
  openTime: number,
  open: number,
  high: number,
  low: number,
  close: number,
  volume: number,
]

export interface Script {
  /** What the venue has, by open time. */
  readonly rows: readonly Row[]
  readonly venueMs: number
  readonly perPage?: number
  readonly seeksForward?: boolean
  /** Changes the answer to the n-th query (from 1), or throws in its place. */
  readonly answer?: (rows: readonly Row[], call: number, query: CandleQuery) => readonly Row[]
}

/** An exchange whose answers are written down, with a record of what it was asked. */
export function scriptedExchange(script: Script): Exchange & { readonly queries: CandleQuery[] } {
  const queries: CandleQuery[] = []
  const { perPage = 10, seeksForward = true, answer = (rows) => rows } = script
  return {
    name: 'scripted',
    candlesPerPage: perPage,
    seeksForward,
    intervals: ['1m', '1h'],
    queries,
    serverTime: async () => script.venueMs as never,
    // Its times are written down: they are compared with nobody's.
    simulatedTime: () => script.venueMs as never,
    markets: async () =>
      ['BTCUSDT', 'ETHUSDT'].map((symbol) => ({
        symbol,
        base: symbol.slice(0, 3),
        quote: 'USDT',
        kind: 'spot',
        status: 'trading',
        filters: {},
      })),
    async candles(query) {
      queries.push(query)
      const windowEnd = query.fromMs + perPage * (findIntervalMs(query.interval) as number)
      const toMs = seeksForward ? query.toMs : Math.min(query.toMs, windowEnd)
      const inside = script.rows.filter(([time]) => time >= query.fromMs && time < toMs)
      return toColumns(answer(inside.slice(0, perPage), queries.length, query))
    },
    async close() {},
  }
}

export function toColumns(rows: readonly Row[]): CandleColumns {
  return columnsOf(
    FILE_COLUMNS.map((_, column) => Float64Array.from(rows, (row) => row[column] as number)),
  )
}
