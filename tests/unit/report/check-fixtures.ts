import type { ExportSummary, SeriesCheck } from '../../../src/data/index.ts'

const HOUR = 3_600_000
const at = (hour: number) => Date.UTC(2024, 0, 1, hour)
const gap = (from: number, to: number) => ({
  fromMs: at(from),
  toMs: at(to),
  candles: (at(to) - at(from)) / HOUR,
})

/** A series in which nothing was found, but for the changes. */
export function seriesCheck(changes: Partial<SeriesCheck> = {}): SeriesCheck {
  return {
    exchange: 'binance',
    symbol: 'BTCUSDT',
    interval: '1h',
    files: 12,
    rows: 8784,
    fromMs: at(0),
    toMs: Date.UTC(2025, 0, 1),
    badFiles: [],
    unreadable: [],
    comparisons: [],
    manifest: [],
    damaged: [],
    missing: 0,
    gaps: 0,
    longestGaps: [],
    causes: [],
    zeroVolume: 0,
    missingVolume: 0,
    stale: 0,
    longestStale: [],
    spikes: 0,
    largestSpikes: [],
    problems: 0,
    notes: 0,
    ...changes,
  }
}

const FOLDER = '/srv/candles/lake/exchange=binance/symbol=BTCUSDT/interval=1h'

/** A series with every kind of finding. */
export const DAMAGED: SeriesCheck = seriesCheck({
  badFiles: [
    {
      path: `${FOLDER}/2024-03.parquet`,
      rows: 3,
      kinds: { ohlc: 2, duplicate: 1 },
      examples: [
        {
          row: 17,
          openTime: at(17),
          kind: 'ohlc',
          rule: 'high must be >= open and close, was 1 with open 2, close 3',
        },
        {
          row: 18,
          openTime: Number.NaN,
          kind: 'time',
          rule: 'open_time must be whole milliseconds',
        },
      ],
    },
  ],
  unreadable: [
    { path: `${FOLDER}/2024-04.parquet`, reason: 'No magic bytes found at end of file' },
  ],
  comparisons: [
    { finer: '15m', compared: 8784, differing: 0, columns: {}, examples: [] },
    {
      finer: '1m',
      compared: 8784,
      differing: 2,
      columns: { high: 1, volume: 2 },
      examples: [{ openTime: at(5), column: 'high', stored: 42_100.5, resampled: 42_101 }],
    },
  ],
  manifest: [
    { path: `${FOLDER}/2024-05.parquet`, month: '2024-05', kind: 'wrong', fields: ['hash'] },
    { path: `${FOLDER}/2024-06.parquet`, month: '2024-06', kind: 'outdated', fields: ['bytes'] },
  ],
  damaged: [
    { path: `${FOLDER}/2024-03.parquet`, month: '2024-03', origin: 'lake' },
    { path: `${FOLDER}/2024-04.parquet`, month: '2024-04', origin: 'database' },
    { path: `${FOLDER}/2024-05.parquet`, month: '2024-05', origin: 'database' },
    { path: '/srv/candles/sample/2024-02.parquet', month: '2024-02', origin: 'sample' },
  ],
  missing: 31,
  gaps: 15,
  longestGaps: [
    { ...gap(12, 17), causes: [{ cause: 'venue', candles: 5 }] },
    { ...gap(40, 43), causes: [{ cause: null, candles: 3 }] },
  ],
  causes: [
    { cause: 'venue', candles: 29 },
    { cause: null, candles: 2 },
  ],
  zeroVolume: 12,
  missingVolume: 7,
  stale: 1,
  longestStale: [gap(50, 59)],
  spikes: 1,
  largestSpikes: [
    { openTime: at(60), side: 'high', price: 30_000, ratio: 0.057, ranges: 25.7 },
    { openTime: at(61), side: 'low', price: 20_000, ratio: 0.03, ranges: Number.POSITIVE_INFINITY },
  ],
  problems: 7,
  notes: 30,
})

export const EXPORT: ExportSummary = {
  exchange: 'binance',
  symbol: 'BTCUSDT',
  interval: '4h',
  file: 'btc-4h.csv',
  rows: 2190,
  fromMs: at(0),
  toMs: Date.UTC(2025, 0, 1),
  holes: 6,
  resampledFrom: '1h',
  isSparse: false,
  incomplete: 2,
  hash: 'ab'.repeat(32),
}
