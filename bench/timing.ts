/** Returns the middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[middle]!
  return (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Runs `work` once to warm up and `runs` times measured; returns the median in seconds. */
export function medianSeconds(runs: number, work: () => void): number {
  work()
  return median(Array.from({ length: runs }, () => secondsOf(work)))
}

/** Runs `work` once to warm up and `runs` times measured; returns the shortest time in seconds. */
export function bestSeconds(runs: number, work: () => void): number {
  work()
  return Math.min(...Array.from({ length: runs }, () => secondsOf(work)))
}

export function secondsOf(work: () => void): number {
  const start = performance.now()
  work()
  return (performance.now() - start) / 1000
}
