export { hashColumns } from './columns.ts'
export { WARMUP_DAYS_DEFAULT } from './history.ts'
export { createLocalStore, type LocalStoreOptions } from './local/local-store.ts'
export {
  type Cells,
  type ColumnType,
  type ResultColumn,
  type ResultTable,
  writeTable,
} from './results.ts'
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
