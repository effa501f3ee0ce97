import { DataError } from '../../core/errors.ts'
import { columnsOf, FILE_COLUMNS, SharedColumns } from '../columns.ts'
import type { DuckDb } from '../duckdb.ts'
import {
  addCounts,
  interrupted,
  keyOf,
  summarizeImport,
  withProgress,
  withStagedFiles,
} from '../import/import-candles.ts'
import type { StagedFile } from '../import/stage.ts'
import { monthRange } from '../lake/lake.ts'
import type { ImportRequest, ImportSummary } from '../store.ts'
import type { OpenedDatabase } from './open.ts'
import { TimescaleSeriesWriter } from './series-writer.ts'

/**
 * Checks a file as an import into the lake does, and stores its candles in the database, one transaction a month.
 * @param lake its disk holds what does not fit into memory
 */
export async function importIntoDatabase(
  opened: OpenedDatabase,
  lake: string,
  request: ImportRequest,
): Promise<ImportSummary> {
  const { signal } = request
  return await withStagedFiles(lake, request, async (db, staged, grid) => {
    refuseMissingVolume(request, staged)
    const writer = await TimescaleSeriesWriter.open(opened, keyOf(request, grid))
    const counts = { added: 0, replaced: 0, unchanged: 0 }
    const written: string[] = []
    try {
      for (const [month, rows] of staged.months) {
        if (signal?.aborted) throw interrupted(request)
        const done = await writer.put(await readStaged(db, month, rows))
        addCounts(counts, done)
        if (done.changed.openTime.length > 0) written.push(month)
      }
      await writer.flush()
    } catch (error) {
      const reason = signal?.aborted ? interrupted(request) : error
      throw withProgress(reason, written, staged.months.size)
    } finally {
      await writer.close()
    }
    return summarizeImport(lake, request, { staged, grid, counts, written })
  })
}

/** Sums of volumes in the database would count what is not known as nothing. */
function refuseMissingVolume({ file }: ImportRequest, { missingVolume }: StagedFile): void {
  if (missingVolume === 0) return
  throw new DataError(
    'IMPORT_VOLUME',
    `${[file].flat().join(', ')}: nothing was imported. ${missingVolume} candle(s) have no volume, which the database has no place for. Import them into a lake: data.driver local.`,
    { context: { file, missingVolume } },
  )
}

async function readStaged(db: DuckDb, month: string, rows: number) {
  const { fromMs, toMs } = monthRange(month)
  const columns = new SharedColumns(rows)
  const sql = `SELECT ${FILE_COLUMNS.join(', ')} FROM clean WHERE open_time >= ${fromMs} AND open_time < ${toMs}`
  for await (const vectors of db.doubles(sql, FILE_COLUMNS.length)) {
    columns.append(columnsOf(vectors))
  }
  return columns.finish()
}
