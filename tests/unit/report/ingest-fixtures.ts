import type {
  IngestPlanView,
  IngestProgressView,
  IngestSeriesView,
} from '../../../src/report/views.ts'

const KEY = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1h' }
const PERIOD = { fromMs: Date.UTC(2023, 5, 1), toMs: Date.UTC(2024, 5, 1) }

export const INGESTED: IngestSeriesView = {
  ...KEY,
  ...PERIOD,
  pages: 9,
  fetched: 8_784,
  archived: 0,
  written: 8_782,
  changed: 1,
  holes: 2,
  absent: 2,
  longestHole: 2,
  quarantined: 0,
  unverified: 0,
  seconds: 1.9,
}

export const INGEST_FAILED: IngestSeriesView = {
  ...INGESTED,
  symbol: 'ETHUSDT',
  written: 1_000,
  holes: 0,
  absent: 0,
  longestHole: 0,
  unverified: 7_784,
  error: { code: 'EXCHANGE_UNREACHABLE', message: 'api.example.com:443 refused the connection.' },
}

export const INGEST_PLANS: readonly IngestPlanView[] = [
  { ...KEY, ...PERIOD, candles: 8_784, pages: 9 },
]

export function ingestProgress(done: number, symbol = 'BTCUSDT'): IngestProgressView {
  return { ...KEY, symbol, done, total: 100, fetched: done, archived: 0, written: done, seconds: 1 }
}
