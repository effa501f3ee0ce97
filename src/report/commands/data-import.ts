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
    file: Type.String({ description: 'the first of `files`' }),
    files: Type.Array(Type.String()),
    interval_inferred: Type.Boolean({
      description: 'the interval was found in the files, not given',
    }),
    rows: Count('rows read'),
    duplicates: Count('exact repeats among them that were dropped'),
    added: Count('candles that were not stored before'),
    replaced: Count('candles that were stored with other values'),
    unchanged: Count('candles that were stored already'),
    holes: Count('candles missing between the first and last row of the files'),
    volume: Type.Union([Type.Literal('all'), Type.Literal('some'), Type.Literal('none')], {
      description:
        'which of the candles have a volume in the files; where it is missing it is null, never 0',
    }),
    notes: Type.Array(Type.String(), {
      description: 'how the files were read, where that is not plain',
    }),
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
  warnings: ({ imported, warnings }) => [
    ...warnings,
    ...holes(imported, 'in the files'),
    ...withoutVolume(imported),
  ],
}

function holes({ holes: missing }: ImportView, where: string): readonly Warning[] {
  if (missing === 0) return []
  const message = `${plural(missing, 'candle')} missing ${where}; none was invented`
  return [{ code: 'HOLES', message }]
}

/** Which of the candles have a volume. */
function volumeOf({ missingVolume, rows, duplicates }: ImportView): 'all' | 'some' | 'none' {
  if (missingVolume === 0) return 'all'
  return missingVolume === rows - duplicates ? 'none' : 'some'
}

function withoutVolume(result: ImportView): readonly Warning[] {
  const { missingVolume } = result
  if (missingVolume === 0) return []
  const which = volumeOf(result) === 'none' ? 'none' : `none in ${plural(missingVolume, 'candle')}`
  const message = `volume: ${which}. It is null, and nothing that needs it can be computed`
  return [{ code: 'NO_VOLUME', message }]
}

function importJson(result: ImportView): Static<typeof Document> {
  return {
    exchange: result.exchange,
    symbol: result.symbol,
    interval: result.interval,
    file: result.files[0] as string,
    files: [...result.files],
    interval_inferred: result.isIntervalInferred,
    rows: result.rows,
    duplicates: result.duplicates,
    added: result.added,
    replaced: result.replaced,
    unchanged: result.unchanged,
    holes: result.holes,
    volume: volumeOf(result),
    notes: [...result.notes],
    start_time: formatInstant(result.fromMs),
    end_time: formatInstant(result.toMs),
    partitions: [...result.partitions],
    folder: result.folder,
  }
}

/** What an import did, and what is missing in the files. */
function importLines(result: ImportView, style: Style): string[] {
  const { exchange, symbol, interval, duplicates, notes } = result
  const inferred = result.isIntervalInferred ? ' (as the rows show)' : ''
  const period = `${instant(result.fromMs)} .. ${instant(result.toMs)}`
  const repeats = duplicates === 0 ? '' : `, ${plural(duplicates, 'repeat')} dropped`
  const lines = [
    `${exchange} ${symbol} ${interval}${inferred}  ${period}  ${plural(result.rows, 'row')} read${repeats}`,
    `  ${count(result.added)} new, ${count(result.replaced)} replaced, ${count(result.unchanged)} unchanged`,
    `  ${plural(result.partitions.length, 'month')} written to ${result.folder}`,
    ...notes.map((note) => `  ${note}`),
  ]
  return [
    ...lines.flatMap((line) => wrap(line, style.width, '  ')),
    ...warningLines(
      [...holes(result, 'between the first and the last'), ...withoutVolume(result)],
      style,
    ),
  ]
}
