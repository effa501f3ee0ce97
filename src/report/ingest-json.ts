import { formatInstant } from '../core/units.ts'
import type { ResultOf } from './documents.ts'
import type { IngestPlanView, IngestSeriesView } from './views.ts'

/** Maps what an ingestion did to its document. */
export function ingestJson(
  target: string,
  series: readonly IngestSeriesView[],
): ResultOf<'crypto/ingest@1'> {
  return {
    target,
    series: series.map((one) => ({
      ...keyOf(one),
      pages: one.pages,
      fetched: one.fetched,
      archived: one.archived,
      written: one.written,
      changed: one.changed,
      holes: one.holes,
      quarantined: one.quarantined,
      unverified: one.unverified,
      seconds: one.seconds,
      error: one.error ?? null,
    })),
  }
}

export function ingestPlanJson(plans: readonly IngestPlanView[]): ResultOf<'crypto/ingest.plan@1'> {
  return {
    series: plans.map((one) => ({ ...keyOf(one), candles: one.candles, pages: one.pages })),
  }
}

function keyOf({ exchange, symbol, interval, fromMs, toMs }: IngestPlanView | IngestSeriesView) {
  return { exchange, symbol, interval, from: formatInstant(fromMs), to: formatInstant(toMs) }
}
