declare const unit: unique symbol

type Branded<Name extends string> = number & { readonly [unit]: Name }

/** Milliseconds since 1970-01-01T00:00:00Z, an integer, exact in a double. */
export type EpochMs = Branded<'EpochMs'>
/** A length of time in milliseconds. */
export type DurationMs = Branded<'DurationMs'>

/** The year 2100 begins: a clock that says so or more is wrong, and a simulated one does not get there. */
export const INSTANT_MS_END = 4_102_444_800_000 as EpochMs

export const DAY_MS = 86_400_000 as DurationMs

const INTERVAL = /^([1-9]\d*)(m|h|d|w)$/
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** Returns the length of a candle interval such as `1m`, `4h`, `1d` or `1w`, or undefined if it is not one. */
export function findIntervalMs(interval: string): DurationMs | undefined {
  const match = INTERVAL.exec(interval)
  if (match === null) return undefined
  const unitMs = UNIT_MS[match[2] as keyof typeof UNIT_MS]
  const ms = Number(match[1]) * unitMs
  return Number.isSafeInteger(ms) ? (ms as DurationMs) : undefined
}

/**
 * Returns an interval in its largest unit, as candles are stored, or undefined if it is not one.
 *
 * @example findCanonicalInterval('240m') // '4h'
 */
export function findCanonicalInterval(interval: string): string | undefined {
  const ms = findIntervalMs(interval)
  if (ms === undefined) return undefined
  const [unit, unitMs] = Object.entries(UNIT_MS).findLast(([, size]) => ms % size === 0) as [
    'm',
    number,
  ]
  return `${ms / unitMs}${unit}`
}

const DATE =
  /^\d{4}-\d{2}-\d{2}(T(?:[01]\d|2[0-3]):\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/

/** Returns the instant of an ISO date or date-time, or undefined if it is not one. Without a zone it is UTC. */
export function findEpochMs(text: string): EpochMs | undefined {
  const match = DATE.exec(text)
  if (match === null) return undefined
  const hasTime = match[1] !== undefined
  const hasZone = match[4] !== undefined
  const ms = Date.parse(hasTime && !hasZone ? `${text}Z` : text)
  if (Number.isNaN(ms)) return undefined
  const day = text.slice(0, 10)
  const roundTrip = new Date(Date.parse(day)).toISOString().slice(0, 10)
  return roundTrip === day ? (ms as EpochMs) : undefined
}

/** Formats an instant as ISO 8601 in UTC without milliseconds, such as `2024-01-01T00:00:00Z`. */
export function formatInstant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}
