import type { SeriesKey } from '../../data/index.ts'

/** Which stored series; all where a name is absent. */
export interface SeriesSelection {
  readonly exchange?: string | undefined
  readonly symbols?: readonly string[] | undefined
  readonly intervals?: readonly string[] | undefined
}

export function isSelected(
  key: SeriesKey,
  { exchange, symbols, intervals }: SeriesSelection,
): boolean {
  return (
    (exchange === undefined || key.exchange === exchange) &&
    (symbols === undefined || symbols.includes(key.symbol)) &&
    (intervals === undefined || intervals.includes(key.interval))
  )
}
