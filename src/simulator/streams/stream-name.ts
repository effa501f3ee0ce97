/** A stream of candles, as its name says. */
export interface KlineStream {
  readonly symbol: string
  readonly interval: string
}

const KLINE = /^([\p{Ll}\p{Lo}\p{Lm}\p{M}\p{N}._-]+)@kline_([0-9a-zA-Z]+)$/u

/**
 * Returns what a stream carries; undefined for one that is no stream of candles.
 *
 * @example findKlineStream('btcusdt@kline_1m') // { symbol: 'BTCUSDT', interval: '1m' }
 */
export function findKlineStream(name: string): KlineStream | undefined {
  const match = KLINE.exec(name)
  if (match === null) return undefined
  const [, symbol = '', interval = ''] = match
  return { symbol: symbol.toUpperCase(), interval }
}

/** How a connection begins: what its path asks for. */
export interface StreamPath {
  readonly streams: readonly string[]
  /** Whether events are wrapped as `{stream, data}`. */
  readonly isCombined: boolean
}

/**
 * Reads the path of a websocket: `/ws`, `/ws/<stream>/<stream>`, `/stream`, `/stream?streams=<stream>/<stream>`, and
 * `/stream/ws/<anything>`, which is how ccxt addresses a base URL that contains `/stream`. Undefined for any other.
 * Names that are no streams are kept, as Binance keeps them: they stay silent.
 */
export function findStreamPath(url: URL): StreamPath | undefined {
  const [, first, ...rest] = url.pathname.split('/')
  const named = rest.filter((name) => name !== '')
  if (first === 'ws') return { streams: named, isCombined: false }
  if (first !== 'stream') return undefined
  if (named[0] === 'ws') return { streams: named.slice(1), isCombined: false }
  if (named.length > 0) return undefined
  const list = url.searchParams.get('streams') ?? ''
  return { streams: list.split('/').filter((name) => name !== ''), isCombined: true }
}
