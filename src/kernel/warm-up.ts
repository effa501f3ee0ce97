/** How much history the signals of a point want before the first judged bar. */
export interface WarmUp {
  /** Bars until every signal is defined: without them there is nothing to judge. */
  readonly lookbackBars: number
  /** Bars until an unknown seed of a recurrence has also been forgotten; never fewer. */
  readonly warmupBars: number
}

/** Returns what suffices for all of them. */
export function longestWarmUp(all: readonly WarmUp[]): WarmUp {
  const longest = (a: WarmUp, b: WarmUp) => ({
    lookbackBars: Math.max(a.lookbackBars, b.lookbackBars),
    warmupBars: Math.max(a.warmupBars, b.warmupBars),
  })
  return all.reduce(longest, { lookbackBars: 0, warmupBars: 0 })
}
