/** A span of time [fromMs, toMs) in epoch milliseconds. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** Returns the same time as sorted spans that neither overlap nor touch; empty ones are dropped. */
export function mergeSpans(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = []
  for (const span of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (isEmpty(span)) continue
    const last = merged.at(-1)
    if (last === undefined || span.fromMs > last.toMs) {
      merged.push({ fromMs: span.fromMs, toMs: span.toMs })
    } else if (span.toMs > last.toMs) {
      merged[merged.length - 1] = { fromMs: last.fromMs, toMs: span.toMs }
    }
  }
  return merged
}

/** Returns what of `span` lies in none of `taken`, sorted. */
export function subtractSpans(span: Span, taken: readonly Span[]): readonly Span[] {
  const left: Span[] = []
  let fromMs = span.fromMs
  for (const other of mergeSpans(taken)) {
    if (other.toMs <= fromMs) continue
    if (other.fromMs >= span.toMs) break
    if (other.fromMs > fromMs) left.push({ fromMs, toMs: other.fromMs })
    fromMs = other.toMs
  }
  if (fromMs < span.toMs) left.push({ fromMs, toMs: span.toMs })
  return left
}

/** Returns what two spans share, or undefined when that is nothing. */
export function intersectSpans(a: Span, b: Span): Span | undefined {
  const shared = { fromMs: Math.max(a.fromMs, b.fromMs), toMs: Math.min(a.toMs, b.toMs) }
  return isEmpty(shared) ? undefined : shared
}

/** Returns the parts of spans that lie in one; all of them when there is none. */
export function spansWithin(spans: readonly Span[], range: Span | undefined): readonly Span[] {
  return range === undefined ? spans : spans.flatMap((one) => intersectSpans(one, range) ?? [])
}

function isEmpty({ fromMs, toMs }: Span): boolean {
  return !(fromMs < toMs)
}
