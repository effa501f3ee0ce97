export { hashColumns } from './columns.ts'
export { WARMUP_DAYS_DEFAULT } from './history.ts'
export { createLocalStore, type LocalStoreOptions } from './local/local-store.ts'
export type { Cells, ColumnType, ResultColumn, ResultTable } from './result-table.ts'
export { writeTable } from './results.ts'
export type {
  CandleRequest,
  CandleStore,
  ImportRequest,
  ImportSummary,
  SeriesKey,
  StoredCandles,
  StoredSeries,
  TimeRange,
  WarmCandles,
  WarmCandlesRequest,
} from './store.ts'
