import { formatInstant } from '../../core/units.ts'
import type { ExportSummary, SeriesCheck } from '../../data/index.ts'
import { checkAdvice } from '../check-advice.ts'
import type { ResultOf } from '../documents.ts'
import { gapJson } from '../json.ts'

/** Maps results of `data check` and `data export` to their documents. */

type CheckDocument = ResultOf<'crypto/data.check@1'>

export function dataCheckJson(
  checks: readonly SeriesCheck[],
  ledger: readonly string[],
): CheckDocument {
  const sum = (counts: readonly number[]) => counts.reduce((total, value) => total + value, 0)
  return {
    problems: sum(checks.map(({ problems }) => problems)) + ledger.length,
    notes: sum(checks.map(({ notes }) => notes)),
    ledger: [...ledger],
    series: checks.map(seriesCheckJson),
  }
}

function seriesCheckJson(check: SeriesCheck): CheckDocument['series'][number] {
  return {
    exchange: check.exchange,
    symbol: check.symbol,
    interval: check.interval,
    problems: check.problems,
    notes: check.notes,
    files: check.files,
    rows: check.rows,
    start_time: instantJson(check.fromMs),
    end_time: instantJson(check.toMs),
    bad_files: check.badFiles.map(({ path, rows, kinds, examples }) => ({
      path,
      rows,
      kinds: { ...kinds },
      examples: examples.map(({ row, openTime, kind, rule }) => ({
        row,
        time: Number.isSafeInteger(openTime) ? instantJson(openTime) : null,
        kind,
        rule,
      })),
    })),
    unreadable: check.unreadable.map(({ path, reason }) => ({ path, reason })),
    comparisons: check.comparisons.map((comparison) => ({
      finer: comparison.finer,
      compared: comparison.compared,
      differing: comparison.differing,
      columns: { ...comparison.columns },
      examples: comparison.examples.map(({ openTime, column, stored, resampled }) => ({
        time: formatInstant(openTime),
        column,
        stored,
        resampled,
      })),
    })),
    manifest: check.manifest.map(({ path, month, kind, fields }) => ({
      path,
      month,
      kind,
      fields: [...fields],
    })),
    advice: checkAdvice(check).map(({ months, text }) => ({ months: [...months], text })),
    holes: check.missing,
    gaps: check.gaps,
    longest_gaps: check.longestGaps.map((gap) => ({
      ...gapJson(gap),
      causes: gap.causes.map(causeJson),
    })),
    causes: check.causes.map(causeJson),
    zero_volume: check.zeroVolume,
    stale: check.stale,
    longest_stale: check.longestStale.map(gapJson),
    spikes: check.spikes,
    largest_spikes: check.largestSpikes.map(({ openTime, side, price, ratio, ranges }) => ({
      time: formatInstant(openTime),
      side,
      price,
      ratio,
      // A market that stood still has no range to measure by.
      ranges: Number.isFinite(ranges) ? ranges : null,
    })),
  }
}

function causeJson({ cause, candles }: SeriesCheck['causes'][number]) {
  return { cause, candles }
}

/** Null where there is no candle, or a time that no calendar has. */
function instantJson(ms: number | null): string | null {
  return ms === null || Math.abs(ms) > 8.64e15 ? null : formatInstant(ms)
}

export function exportJson(written: ExportSummary): ResultOf<'crypto/data.export@1'> {
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
