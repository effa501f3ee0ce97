import type { Field } from './column-names.ts'

/** The orders in which venues write the four prices behind the time; a candle that fits the first and the third is the same in both. */
const ORDERS = [
  ['open', 'high', 'low', 'close'],
  // Bitfinex, KuCoin
  ['open', 'close', 'high', 'low'],
  // Coinbase
  ['low', 'high', 'open', 'close'],
] as const

type Price = 'open' | 'high' | 'low' | 'close'

/** A row's columns: the time first, or a day and a time of day. */
const WIDTHS = [5, 6, 7, 8, 9, 11, 12]

/**
 * Tells the columns of rows that have no names, by what they hold: one order of prices must make candles of all of them.
 * @param rows the first rows, as texts
 * @param isClock whether a text is a time of day
 * @returns the place of each field and of a time of day, or undefined when nobody can tell
 */
export function findPositions(
  rows: readonly (readonly string[])[],
  isClock: (text: string) => boolean,
): Partial<Record<Field | 'date', number>> | undefined {
  const width = rows[0]?.length ?? 0
  const isSplit = rows.every((row) => isClock(row[1] ?? ''))
  const first = isSplit ? 2 : 1
  if (!WIDTHS.includes(width - first + 1)) return undefined
  const numbers = rows
    .map((row) => row.slice(first).map(numberOf))
    .filter((row) => row.slice(0, 4).every(Number.isFinite))
  if (numbers.length === 0) return undefined
  const fitting = ORDERS.filter((order) => numbers.every((row) => isCandle(order, row)))
  const [order, second] = fitting
  // What fits both Bitfinex and Coinbase is two different candles.
  if (order === undefined || (order !== ORDERS[0] && second !== undefined)) return undefined
  const volume = volumeAt(numbers, order, width - first, first)
  if (volume === undefined) return undefined
  const place = (price: Price) => first + order.indexOf(price)
  return {
    ...(isSplit ? { date: 0, time: 1 } : { time: 0 }),
    ...{ open: place('open'), high: place('high'), low: place('low'), close: place('close') },
    ...volume,
  }
}

/** The volume stands behind the prices. Of eight columns only those of Kraken are known: it has the average before the volume. */
function volumeAt(
  numbers: readonly (readonly number[])[],
  order: readonly Price[],
  width: number,
  first: number,
): { readonly volume?: number } | undefined {
  if (width === 4) return {}
  if (width !== 7) return { volume: first + 4 }
  const [low, high] = [order.indexOf('low'), order.indexOf('high')]
  const isAverage = (row: readonly number[]) => {
    const [average, count] = [row[4] as number, row[6] as number]
    const isIn = average >= (row[low] as number) && average <= (row[high] as number)
    return Number.isInteger(count) && (isIn || (average === 0 && count === 0))
  }
  return numbers.every(isAverage) ? { volume: first + 5 } : undefined
}

function isCandle(order: readonly Price[], row: readonly number[]): boolean {
  const price = (name: Price) => row[order.indexOf(name)] as number
  const [open, high, low, close] = [price('open'), price('high'), price('low'), price('close')]
  return low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close)
}

/** Half of what this is for is a comma in place of the point. */
function numberOf(text: string): number {
  const trimmed = text.trim()
  return trimmed === '' ? Number.NaN : Number(trimmed.replace(',', '.'))
}
