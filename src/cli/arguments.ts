import { InvalidArgumentError } from '@commander-js/extra-typings'
import type { ParamValues } from '../backtesting/results.ts'
import { METRICS, type MetricName } from '../core/metrics.ts'
import { didYouMean } from '../core/suggest.ts'
import { findEpochMs, findIntervalMs, INSTANT_MS_END } from '../core/units.ts'
import type { ColumnMap } from '../data/index.ts'

/** Parsers of option values: each refuses what it does not understand; nothing becomes NaN. */

/** Returns a parser of whole numbers within the bounds, both included. */
export function integerBetween(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value
    throw new InvalidArgumentError(`Expected a whole number from ${minimum} to ${maximum}.`)
  }
}

/** Returns a name with accented letters as one character each, as the configuration has them. */
export function parseName(text: string): string {
  return text.trim().normalize('NFC')
}

/** Adds the names of a list such as `BTCUSDT,ETHUSDT` to those before it; each counts once. */
export function parseNames(text: string, before: readonly string[] | undefined): readonly string[] {
  const names = text.split(',').map(parseName)
  if (names.includes('')) throw new InvalidArgumentError('Expected names, such as BTCUSDT,ETHUSDT.')
  return [...new Set([...(before ?? []), ...names])]
}

/** Returns a parser of decimal numbers within the bounds, both included. */
export function numberBetween(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^(\d+\.?\d*|\.\d+)$/.test(text) && value >= minimum && value <= maximum) return value
    throw new InvalidArgumentError(`Expected a number from ${minimum} to ${maximum}.`)
  }
}

/** Returns the instant of an ISO date or date-time; epoch ms, not negative. */
export function parseInstant(text: string): number {
  const ms = findEpochMs(text)
  if (ms !== undefined && ms >= 0) return ms
  if (ms !== undefined) throw new InvalidArgumentError('Expected a time from 1970 on.')
  throw new InvalidArgumentError(
    'Expected a date or a time, UTC, such as 2024-06-01 or 2024-06-01T12:00:00Z.',
  )
}

/** As `parseInstant`, for a simulated clock. */
export function parseSimulatedTime(text: string): number {
  const ms = parseInstant(text)
  if (ms < INSTANT_MS_END) return ms
  throw new InvalidArgumentError('Expected a time before 2100.')
}

export function parseMetric(text: string): MetricName {
  const name = METRICS.find((metric) => metric === text)
  if (name !== undefined) return name
  throw new InvalidArgumentError(
    `Not a metric.${didYouMean(text, METRICS)} Known: ${METRICS.join(', ')}.`,
  )
}

export function parseInterval(text: string): string {
  if (findIntervalMs(text) !== undefined) return text
  throw new InvalidArgumentError('Expected a number and m, h, d or w, such as 1m, 4h or 1d.')
}

/** Adds the intervals of a list such as `1m,1h` to those before it. */
export function parseIntervals(
  text: string,
  before: readonly string[] | undefined,
): readonly string[] {
  const intervals = parseNames(text, before)
  intervals.forEach(parseInterval)
  return intervals
}

/** Adds one `name=value` to those before it. A parameter given twice is refused: the user meant something else. */
export function parseAssignment(text: string, before: ParamValues | undefined): ParamValues {
  const match = /^([A-Za-z_]\w*)=(.+)$/.exec(text)
  if (match === null) {
    throw new InvalidArgumentError('Expected name=value, such as fast_period=10.')
  }
  const [, name = '', digits = ''] = match
  const value = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(digits) ? Number(digits) : Number.NaN
  if (!Number.isFinite(value)) throw new InvalidArgumentError(`'${digits}' is not a number.`)
  if (before !== undefined && Object.hasOwn(before, name)) {
    throw new InvalidArgumentError(`${name} is set twice.`)
  }
  return { ...before, [name]: value }
}

export function parseTableFile(text: string): string {
  if (/\.(parquet|arrow|csv)$/i.test(text)) return text
  throw new InvalidArgumentError('Expected a file name that ends in .parquet, .arrow or .csv.')
}

export function parseFile(text: string): string {
  if (text.trim() !== '') return text
  throw new InvalidArgumentError('Expected a file name.')
}

/** Refuses the empty text: it would mean the current folder, which nobody asked for. */
export function parseFolder(text: string): string {
  if (text.trim() !== '') return text
  throw new InvalidArgumentError('Expected a folder, such as results/today.')
}

const COLUMNS = ['time', 'date', 'open', 'high', 'low', 'close', 'volume'] as const

/** Reads `time=Date,volume="Volume BTC"`: a name may be in quotes, and has to where it holds a comma. */
export function parseColumns(text: string): ColumnMap {
  const map: Record<string, string> = {}
  const pair = /\s*(\w+)\s*=\s*(?:"([^"]*)"|([^",]*))\s*(?:,|$)/y
  while (pair.lastIndex < text.length) {
    const [, key, quoted, plain] = pair.exec(text) ?? []
    const name = quoted ?? plain?.trim()
    if (key === undefined || name === undefined || name === '') {
      throw new InvalidArgumentError('Expected pairs, such as time=Date,volume="Volume BTC".')
    }
    if (!COLUMNS.some((known) => known === key)) {
      throw new InvalidArgumentError(
        `'${key}' is none of ${COLUMNS.join(', ')}.${didYouMean(key, COLUMNS)}`,
      )
    }
    if (map[key] !== undefined) throw new InvalidArgumentError(`${key} is given twice.`)
    map[key] = name
  }
  return map
}
