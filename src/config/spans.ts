/** A stretch of characters, `end` exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The parts of `spans` that lie in `length` characters from `start`, counted from there. */
export function clip<T extends Span>(
  spans: readonly T[],
  start: number,
  length: number,
): readonly T[] {
  return spans
    .filter((span) => span.start < start + length && span.end > start)
    .map((span) => ({
      ...span,
      start: Math.max(0, span.start - start),
      end: Math.min(length, span.end - start),
    }))
}

/** Leaves the characters of `edge` at both ends out. */
export function trimSpan(text: string, { start, end }: Span, edge = /\s/): Span {
  let from = start
  let to = end
  while (from < to && edge.test(text[from] as string)) from += 1
  while (from < to && edge.test(text[to - 1] as string)) to -= 1
  return { start: from, end: to }
}

/** Joins spans that overlap or have only blanks between them, so that one secret is one mask; drops empty ones. */
export function mergeSpans(spans: readonly Span[], text: string): readonly Span[] {
  const merged: Span[] = []
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    if (span.start >= span.end) continue
    const last = merged.at(-1)
    const touches = last !== undefined && text.slice(last.end, span.start).trim() === ''
    if (touches) merged[merged.length - 1] = { ...last, end: Math.max(last.end, span.end) }
    else merged.push(span)
  }
  return merged
}
