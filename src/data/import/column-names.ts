/** What a column of a candle file can be. */
export const FIELDS = ['time', 'open', 'high', 'low', 'close', 'volume'] as const
export type Field = (typeof FIELDS)[number]

/** Names of open times, best first. What ends in `_utc`, `_gmt` or a unit of time is called the same without it. */
const TIMES = [
  ...['open_time', 'opentime', 'timestamp', 'time', 'datetime', 'date', 'ts', 'unix', 't'],
  ...['date_time', 'unix_timestamp', 'unix_time', 'unixtime', 'epoch', 'epoch_time', 'time_unix'],
  ...['time_stamp', 'open_timestamp', 'open_date', 'open_datetime', 'time_open', 'timeopen'],
  ...['start', 'start_time', 'starttime', 'start_at', 'startat', 'start_timestamp', 'start_date'],
  ...['time_period_start', 'period_start', 'window_start', 'interval_start', 'begin', 'begins_at'],
  ...[
    'candle_begin_time',
    'candle_time',
    'bar_time',
    'kline_open_time',
    'bucket',
    'mts',
    'ticks',
    'day',
  ],
  ...['dt', 'dtyyyymmdd', 'timestamps', 'tm', 'trade_date', 'trading_date', 'business_date'],
  ...['utc', 'gmt', 'local', 'local_time', 'id'],
] as const

/** Names that say what a column is, and names that say it only where no column has one of those. */
const VALUES = {
  open: [
    ['open', 'o', 'open_price', 'price_open', 'openprice', 'opening_price'],
    ['first', 'op'],
  ],
  high: [
    ['high', 'h', 'high_price', 'max', 'price_high', 'highprice', 'highest', 'highest_price'],
    ['hi'],
  ],
  low: [
    ['low', 'l', 'low_price', 'min', 'price_low', 'lowprice', 'lowest', 'lowest_price'],
    ['lo'],
  ],
  close: [
    ['close', 'c', 'close_price', 'price_close', 'closeprice', 'closing_price'],
    ['last', 'close_last', 'price', 'last_price', 'cl'],
  ],
  volume: [
    ['volume', 'v', 'vol', 'base_volume', 'volume_base', 'basevolume', 'base_asset_volume'],
    ['volumefrom', 'volume_from', 'volume_traded', 'quantity', 'qty', 'total_volume'],
  ],
} as const satisfies Record<Exclude<Field, 'time'>, readonly (readonly string[])[]>

const SYMBOLS = ['symbol', 'ticker', 'pair', 'market', 'instrument', 'product_id', 'instid', 'tic']

/** `Volume BTC`, `<OPEN>`, `1. open` and `volume_(btc)` as words joined by `_`. */
export function normalize(name: string): string {
  return name
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/^\d+\.\s+/, '')
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
}

/** Whether a column has no name: an index that pandas wrote. */
export function isUnnamed(name: string): boolean {
  return /^(unnamed_\d+|index|level_0|index_level_0)?$/.test(normalize(name))
}

/** Returns how good a name of a time is, the smallest the best, or -1. */
export function timeRank(name: string): number {
  const words = normalize(name)
  const bare = words
    .replace(/_?(utc|gmt|s|ms|us|ns|sec|seconds|millis|milliseconds)$/, '')
    .replace(/^(utc|gmt)_/, '')
  const known = TIMES as readonly string[]
  return Math.max(known.indexOf(words), bare === '' ? -1 : known.indexOf(bare))
}

/** Returns 0 for a name that says what the column is, 1 for one that may, and -1 for others. */
export function valueRank(field: Exclude<Field, 'time'>, name: string, symbol: string): number {
  const words = normalize(name)
  if (field === 'volume' && baseVolumes(symbol).includes(words)) return 0
  return VALUES[field].findIndex((names) => (names as readonly string[]).includes(words))
}

export function isSymbol(name: string): boolean {
  return SYMBOLS.includes(normalize(name))
}

/** Whether a column may hold a volume, though nobody can tell whether of the base. */
export function looksLikeVolume(name: string): boolean {
  return /vol|amount|quantity|qty|turnover/.test(normalize(name))
}

/** How many of the fields a header names. */
export function countFields(names: readonly string[], symbol: string): number {
  return FIELDS.filter((field) =>
    names.some((name) =>
      field === 'time' ? timeRank(name) >= 0 : valueRank(field, name, symbol) >= 0,
    ),
  ).length
}

/** Names for the volume in the base currency, such as `volume_btc` of BTCUSDT. */
function baseVolumes(symbol: string): readonly string[] {
  const letters = symbol.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  const bases = Array.from(letters, (_, i) => letters.slice(0, i + 1)).slice(0, -1)
  return bases.flatMap((base) => [`volume_${base}`, `vol_${base}`, `volume${base}`])
}
