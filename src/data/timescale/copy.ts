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
  await session.streamed(async (client, alive) => {
    const pieces = watched(encodeCandles(columns, seriesId), alive)
    await pipeline(Readable.from(pieces), client.query(from(sql)))
  })
}

/** Returns the stored candles of a range, sorted. */
export async function copyOut(
  session: Session,
  seriesId: number,
  { fromMs, toMs }: TimeRange,
): Promise<CandleColumns> {
  const { to } = await import('pg-copy-streams')
  const within = `open_time >= '${timeText(fromMs)}' AND open_time < '${timeText(toMs)}'`
  const sql = `COPY (SELECT ${COLUMNS} FROM candles WHERE series_id = ${seriesId} AND ${within}
      ORDER BY open_time) TO STDOUT (FORMAT binary)`
  return await session.streamed(async (client, alive) => {
    const decoder = new CandleDecoder()
    for await (const piece of client.query(to(sql))) {
      alive()
      decoder.push(piece as Uint8Array)
    }
    return decoder.finish()
  })
}

/** The same pieces. `onNext` is called when the receiver wants another one. */
function* watched<T>(pieces: Iterable<T>, onNext: () => void): Generator<T> {
  for (const piece of pieces) {
    onNext()
    yield piece
  }
}

/** Writes a time as PostgreSQL reads it. Beyond the years of both calendars the bound does not matter. */
export function timeText(ms: number): string {
  if (ms >= Date.UTC(9999, 11)) return 'infinity'
  return ms < 0 ? '-infinity' : new Date(Math.ceil(ms)).toISOString()
}
