import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { CandleColumns } from '../../core/candles.ts'
import type { TimeRange } from '../store.ts'
import { CandleDecoder, encodeCandles } from './copy-binary.ts'
import type { Session } from './session.ts'

const COLUMNS = 'open_time, open, high, low, close, volume'

/** Sends candles into a table with the columns of `candles`. Errors are the driver's; the session can be used afterwards. */
export async function copyIn(
  session: Session,
  table: 'candles' | 'pg_temp.changed_candles',
  seriesId: number,
  columns: CandleColumns,
): Promise<void> {
  const { from } = await import('pg-copy-streams')
  const sql = `COPY ${table} (series_id, ${COLUMNS}) FROM STDIN (FORMAT binary)`
  const stream = session.client.query(from(sql))
  await pipeline(Readable.from(encodeCandles(columns, seriesId)), stream)
}

/** Returns the stored candles of a range, sorted. */
export async function copyOut(
  session: Session,
  seriesId: number,
  { fromMs, toMs }: TimeRange,
): Promise<CandleColumns> {
  const { to } = await import('pg-copy-streams')
  const within = `open_time >= '${timeText(fromMs)}' AND open_time < '${timeText(toMs)}'`
  const stream = session.client.query(
    to(`COPY (SELECT ${COLUMNS} FROM candles WHERE series_id = ${seriesId} AND ${within}
      ORDER BY open_time) TO STDOUT (FORMAT binary)`),
  )
  const decoder = new CandleDecoder()
  for await (const piece of stream) decoder.push(piece as Uint8Array)
  return decoder.finish()
}

/** Writes a time as PostgreSQL reads it. Beyond the years of both calendars the bound does not matter. */
export function timeText(ms: number): string {
  if (ms >= Date.UTC(9999, 11)) return 'infinity'
  return ms < 0 ? '-infinity' : new Date(Math.ceil(ms)).toISOString()
}
