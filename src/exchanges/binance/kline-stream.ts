import { ConnectivityError } from '../../core/errors.ts'
import { quoteForeign } from '../../core/foreign-text.ts'
import { parseJson, wrongReply } from '../../core/reply-body.ts'
import type { EpochMs } from '../../core/units.ts'
import type { CandleUpdate } from '../exchange.ts'
import { type KlineEvent, parseKlineEvent } from './wire.ts'

/** The path of a candle stream, whose events say to which series they belong. */
export function klineStreamPath(symbol: string, interval: string): string {
  return `/stream?streams=${encodeURIComponent(symbol.toLowerCase())}@kline_${interval}`
}

/**
 * Turns the frames of a candle stream into updates: each once, in order. An update that is not newer than the one before is
 * left out.
 * @throws ConnectivityError `EXCHANGE_REPLY` for a frame that is not as documented, `EXCHANGE_UNREACHABLE` when the venue
 * announces that it will close the connection
 */
export async function* klineUpdates(
  frames: AsyncIterable<string>,
  where: string,
): AsyncGenerator<CandleUpdate, void> {
  let last: CandleUpdate | undefined
  for await (const frame of frames) {
    const event = eventOf(frame, where)
    if (event === undefined) continue
    const update = updateOf(event)
    if (last !== undefined && !isNewer(update, last)) continue
    last = update
    yield update
  }
}

/** Returns the candle event of a frame, or undefined for a frame of another kind. */
function eventOf(frame: string, where: string): KlineEvent | undefined {
  const message = parseJson(frame, where)
  if (typeof message !== 'object' || message === null) throw wrongReply(where, 'is no event')
  const event = 'data' in message ? message.data : message
  const kind = (event as { readonly e?: unknown } | null)?.e
  // {"e":"serverShutdown","E":1770123456789} comes some minutes before the connection is closed.
  if (kind === 'serverShutdown') throw shutdown(where)
  if ('error' in message)
    throw wrongReply(where, `is the error ${quoteForeign(JSON.stringify(message.error))}`)
  return kind === 'kline' ? parseKlineEvent(event, where) : undefined
}

function shutdown(where: string): ConnectivityError {
  const message = `${where}: the venue is about to close this connection (serverShutdown).`
  return new ConnectivityError('EXCHANGE_UNREACHABLE', message, { context: { where } })
}

function updateOf({ E, s, k }: KlineEvent): CandleUpdate {
  return {
    symbol: s,
    interval: k.i,
    openTime: k.t as EpochMs,
    open: Number(k.o),
    high: Number(k.h),
    low: Number(k.l),
    close: Number(k.c),
    volume: Number(k.v),
    isClosed: k.x,
    eventTime: E as EpochMs,
  }
}

function isNewer(update: CandleUpdate, last: CandleUpdate): boolean {
  if (update.openTime !== last.openTime) return update.openTime > last.openTime
  if (last.isClosed) return false
  // The end of a candle may come in the same millisecond as the update before it.
  return (
    update.eventTime > last.eventTime || (update.isClosed && update.eventTime === last.eventTime)
  )
}
