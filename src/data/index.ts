export { type CauseCount, type FindHoles, noLedger } from './causes.ts'
export { type CheckProgress, checkLake } from './check/check-lake.ts'
export type { SeriesCheck } from './check/findings.ts'
export { hashColumns } from './columns.ts'
export { type Continuity, continuityOf, type Gap } from './continuity.ts'
export { type ExportRequest, type ExportSummary, exportCandles } from './export/export-candles.ts'
export { WARMUP_DAYS_DEFAULT } from './history.ts'
export type { ColumnMap } from './import/match-columns.ts'
export type { LakeOptions } from './lake/lake-options.ts'
export { createLakeStore } from './lake/lake-store.ts'
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
