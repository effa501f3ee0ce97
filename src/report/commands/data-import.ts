import { type Static, Type } from 'typebox'
import { formatInstant } from '../../core/units.ts'
import { Count, closed, Instant, span } from '../leaves.ts'
import type { Report } from '../report.ts'
import { warningLines } from '../terminal/blocks.ts'
import { count, instant, plural } from '../terminal/format.ts'
import { type Style, wrap } from '../terminal/style.ts'
import type { ImportView, Warning } from '../views.ts'

const Document = Type.Object(
  {
    ...span,
    file: Type.String(),
    rows: Count('rows read'),
    duplicates: Count('exact repeats among them that were dropped'),
    added: Count('candles that were not stored before'),
    replaced: Count('candles that were stored with other values'),
    unchanged: Count('candles that were stored already'),
    holes: Count('candles missing between the first and last row of the file'),
    start_time: Instant,
    end_time: Instant,
    partitions: Type.Array(Type.String(), { description: 'months written' }),
    folder: Type.String({ description: 'folder of the series' }),
  },
  closed,
)

interface Imported {
  readonly imported: ImportView
  readonly warnings: readonly Warning[]
}

export const dataImportReport: Report<Imported, typeof Document> = {
  id: 'crypto/data.import@1',
  schema: Document,
  json: ({ imported }) => importJson(imported),
  lines: ({ imported, warnings }, style) => [
    ...importLines(imported, style),
    ...warningLines(warnings, style),
  ],
  warnings: ({ imported, warnings }) => [...warnings, ...holes(imported, 'in the file')],
}

function holes({ holes: missing }: ImportView, where: string): readonly Warning[] {
  if (missing === 0) return []
  const message = `${plural(missing, 'candle')} missing ${where}; none was invented`
  return [{ code: 'HOLES', message }]
}

function importJson(result: ImportView): Static<typeof Document> {
  return {
    exchange: result.exchange,
    symbol: result.symbol,
    interval: result.interval,
    file: result.file,
    rows: result.rows,
    duplicates: result.duplicates,
    added: result.added,
    replaced: result.replaced,
    unchanged: result.unchanged,
    holes: result.holes,
    start_time: formatInstant(result.fromMs),
    end_time: formatInstant(result.toMs),
    partitions: [...result.partitions],
    folder: result.folder,
  }
}

/** What an import did, and what is missing in the file. */
function importLines(result: ImportView, style: Style): string[] {
  const { exchange, symbol, interval, duplicates } = result
  const period = `${instant(result.fromMs)} .. ${instant(result.toMs)}`
  const repeats = duplicates === 0 ? '' : `, ${plural(duplicates, 'repeat')} dropped`
  const lines = [
    `${exchange} ${symbol} ${interval}  ${period}  ${plural(result.rows, 'row')} read${repeats}`,
    `  ${count(result.added)} new, ${count(result.replaced)} replaced, ${count(result.unchanged)} unchanged`,
    `  ${plural(result.partitions.length, 'month')} written to ${result.folder}`,
  ]
  return [
    ...lines.flatMap((line) => wrap(line, style.width, '  ')),
    ...warningLines(holes(result, 'between the first and the last'), style),
  ]
}
