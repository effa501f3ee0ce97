import type { Exchange as Client } from 'ccxt'
import { klineUpdates } from '../binance/kline-stream.ts'
import type { CandleUpdate, ExchangeHost } from '../exchange.ts'
import { readFrames } from '../transport/socket-frames.ts'
import { attach, NO_NETWORK } from './network.ts'

/**
 * Venues of ccxt whose candles can be streamed: their frames are Binance's, which say whether a candle is closed. ccxt drops
 * that (its issue 21885), and hands out the newest state only, so that updates are lost between two calls. The frames
 * themselves are read here, before ccxt gets them; ccxt knows the address and how to subscribe.
 */
const STREAMED: ReadonlySet<string> = new Set(['binance', 'binanceus'])

/** The venue pings every 20 s and drops a connection that is silent for a minute; ours notices sooner. */
const FRAMES = { pingMs: 10_000, silentPingsMax: 2, pendingMax: 10_000 } as const

/** @param id ccxt's name of an exchange */
export function canStream(id: string): boolean {
  return STREAMED.has(id)
}

export interface CandleStream {
  /** A client for this stream alone, which knows the markets: its state of the connection is not shared. */
  readonly client: Client
  readonly host: ExchangeHost
  /** ccxt's names of the series. */
  readonly symbol: string
  readonly timeframe: string
  /** The platform's name of the market. */
  readonly as: string
  /** Exchange and stream, for messages. */
  readonly where: string
  readonly signal: AbortSignal
}

/** Streams candles as `Exchange.watchCandles` says. */
export async function* streamCandles(stream: CandleStream): AsyncGenerator<CandleUpdate, void> {
  const { client, where, signal } = stream
  try {
    const socket = await openSocket(stream)
    const frames = readFrames(socket, { ...FRAMES, where, signal })
    for await (const update of klineUpdates(frames, where)) yield { ...update, symbol: stream.as }
  } finally {
    await client.close()
  }
}

/** Lets ccxt connect and subscribe, and returns the socket before the first frame has arrived. */
function openSocket({ client, host, symbol, timeframe }: CandleStream): Promise<WebSocket> {
  const opened = Promise.withResolvers<WebSocket>()
  attach(client, {
    ...NO_NETWORK,
    openSocket(url) {
      const socket = host.openSocket(url)
      opened.resolve(socket)
      return socket
    },
  })
  // Its result is the newest candle, or what became of the connection; both are in the frames.
  client.watchOHLCV(symbol, timeframe).then(() => {}, opened.reject)
  return opened.promise
}
