import { type Static, Type } from 'typebox'
import { formatInstant } from '../../core/units.ts'
import type { ExportSummary } from '../../data/index.ts'
import { builtFrom, origin } from '../continuity.ts'
import { Count, closed, Instant, span } from '../leaves.ts'
import type { Report } from '../report.ts'
import { count, instant, plural } from '../terminal/format.ts'
import { type Style, wrap } from '../terminal/style.ts'

const Document = Type.Object(
  {
    ...span,
    file: Type.String(),
    rows: Count('candles written'),
    start_time: Instant,
    end_time: Instant,
    holes: Count('candles missing between the first and the last'),
    ...origin,
    incomplete: Count('candles left out because finer ones are missing'),
    hash: Type.String({ description: 'sha256:<hex> of the candles, as runs record it' }),
  },
  closed,
)

export const dataExportReport: Report<ExportSummary, typeof Document> = {
  id: 'crypto/data.export@1',
  schema: Document,
  json: exportJson,
  lines: exportLines,
}

function exportJson(written: ExportSummary): Static<typeof Document> {
  return {
    exchange: written.exchange,
    symbol: written.symbol,
    interval: written.interval,
    file: written.file,
    rows: written.rows,
    start_time: formatInstant(written.fromMs),
    end_time: formatInstant(written.toMs),
    holes: written.holes,
    resampled_from: written.resampledFrom,
    sparse: written.isSparse,
    incomplete: written.incomplete,
    hash: `sha256:${written.hash}`,
  }
}

/** What an export wrote, and what is missing in it. */
function exportLines(written: ExportSummary, style: Style): string[] {
  const { exchange, symbol, interval, holes, resampledFrom, incomplete } = written
  const period = `${instant(written.fromMs)} .. ${instant(written.toMs)}`
  const built = builtFrom(resampledFrom, written.isSparse)
  const missing = holes === 0 ? 'no hole' : `${plural(holes, 'candle')} missing`
  const parts = incomplete === 0 ? '' : `, ${count(incomplete)} incomplete left out`
  return [
    `${exchange} ${symbol} ${interval}  ${period}  ${plural(written.rows, 'candle')}${built}`,
    `  ${missing}${parts}; written to ${written.file}`,
  ].flatMap((line) => wrap(line, style.width, '  '))
}
