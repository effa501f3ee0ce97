import { columnsOf, FILE_COLUMNS, SharedColumns } from '../columns.ts'
import type { DuckDb } from '../duckdb.ts'
import {
  addCounts,
  interrupted,
  summarizeImport,
  withProgress,
  withStagedFile,
} from '../import/import-candles.ts'
import { monthRange } from '../local/lake.ts'
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
  const { exchange, symbol, interval, signal } = request
  return await withStagedFile(lake, request, async (db, staged) => {
    const writer = await TimescaleSeriesWriter.open(opened, { exchange, symbol, interval })
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
    return summarizeImport(lake, request, { staged, counts, written })
  })
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
