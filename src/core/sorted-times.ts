/** Returns the index of the first of sorted times that is not earlier than `timeMs`; their number when there is none. */
export function firstFrom(times: ArrayLike<number>, timeMs: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] as number) < timeMs) low = middle + 1
    else high = middle
  }
  return low
}
