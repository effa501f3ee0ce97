import { behindLinks, checkTarget } from '../../core/output-target.ts'
import {
  type ExportSummary,
  exportCandles,
  type ExportRequest as StoreRequest,
} from '../../data/index.ts'
import type { CandleAccess } from './candle-access.ts'
import { checkPeriod } from './period.ts'

export interface ExportRequest extends StoreRequest {
  /** Whether a link in the file's place is written through, and not refused. */
  readonly followLinks: boolean
}

/** Writes candles of any interval to a file. @throws DataError when the store does not hold them */
export async function exportToFile(
  { workspace, store }: CandleAccess,
  { followLinks, ...request }: ExportRequest,
): Promise<ExportSummary> {
  checkPeriod(request.fromMs, request.toMs)
  const { file } = request
  const path = followLinks ? behindLinks(workspace.resolve(file)) : workspace.resolve(file)
  checkTarget(path)
  return { ...(await exportCandles(store, { ...request, file: path })), file }
}
