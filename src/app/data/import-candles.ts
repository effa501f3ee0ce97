import type { ImportRequest as StoreRequest } from '../../data/index.ts'
import type { ImportView, Warning } from '../../report/views.ts'
import type { CandleAccess } from './candle-access.ts'
import { checkImportNames, warningsOfExchange } from './import-names.ts'

export type ImportRequest = Omit<StoreRequest, 'signal'>

export interface ImportOutcome {
  readonly imported: ImportView
  readonly warnings: readonly Warning[]
}

/** Merges the candles of files into the lake. @throws ConfigError `IMPORT_NAME` for names that no configuration can use */
export async function importFile(
  { workspace, store }: CandleAccess,
  request: ImportRequest,
): Promise<ImportOutcome> {
  checkImportNames(request)
  const { exchanges } = await workspace.config()
  const warnings = warningsOfExchange(request.exchange, Object.keys(exchanges))
  const { signal } = workspace.environment
  return { imported: await store.importCandles({ ...request, signal }), warnings }
}
