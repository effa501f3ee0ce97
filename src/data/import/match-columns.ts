import { DataError } from '../../core/errors.ts'
import { excerpt } from '../../core/foreign-text.ts'
import { didYouMean } from '../../core/suggest.ts'

/** A column of a file: what the file calls it, and SQL for it. */
export interface FileColumn {
  readonly name: string
  readonly sql: string
  /** DuckDB's type. */
  readonly type: string
}

const TIMES = [
  ...['open_time', 'opentime', 'timestamp', 'time', 'datetime', 'date', 'ts', 'unix', 't'],
] as const

/** The other columns and the names that exchanges and tools give them, best first. */
const ALIASES = {
  open: ['open', 'o', 'open_price'],
  high: ['high', 'h', 'high_price', 'max'],
  low: ['low', 'l', 'low_price', 'min'],
  close: ['close', 'c', 'close_price'],
  volume: ['volume', 'v', 'vol', 'base_volume', 'volume_base'],
} as const

type ValueName = keyof typeof ALIASES

export const VALUE_NAMES = Object.keys(ALIASES) as readonly ValueName[]

export interface MatchedColumns {
  /** Every column that is called like a time, in the order of the known names. */
  readonly times: readonly FileColumn[]
  /** In the order of `VALUE_NAMES`. */
  readonly values: readonly FileColumn[]
}

/**
 * Finds the columns of a candle by their names. `volume_btc` is the volume where the symbol begins with BTC.
 * @throws DataError `IMPORT_COLUMNS` for a column that is missing, or is there twice
 */
export function matchColumns(
  file: string,
  symbol: string,
  columns: readonly FileColumn[],
): MatchedColumns {
  const named = (names: readonly string[]) =>
    names.flatMap((name) => columns.filter((column) => normalize(column.name) === name))
  const times = named(TIMES)
  if (times.length === 0) throw missing(file, 'time', TIMES, columns)
  const values = VALUE_NAMES.map((value) => {
    const known = value === 'volume' ? [...ALIASES.volume, ...baseVolumes(symbol)] : ALIASES[value]
    const [found, second] = named(known)
    if (found === undefined) throw missing(file, value, known, columns)
    if (second !== undefined) throw doubled(file, value, found, second)
    return found
  })
  return { times, values }
}

/** Names for the volume in the base currency, such as `volume_btc` of BTCUSDT. */
function baseVolumes(symbol: string): readonly string[] {
  const letters = symbol.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  return Array.from(letters, (_, i) => `volume_${letters.slice(0, i + 1)}`).slice(0, -1)
}

/** `Volume BTC`, `Open-Price` and `volume_(btc)` as words joined by `_`. */
export function normalize(name: string): string {
  return name
    .replace('\ufeff', '')
    .trim()
    .toLowerCase()
    .replace(/[\s()-]+/g, '_')
    .replace(/^_|_$/g, '')
}

function missing(
  file: string,
  column: string,
  known: readonly string[],
  columns: readonly FileColumn[],
): DataError {
  const names = columns.map(({ name }) => excerpt(name, 100))
  const found = excerpt(names.join(', '), 500)
  return new DataError(
    'IMPORT_COLUMNS',
    `${file}: there is no column for ${column}.${didYouMean(column, names)} Known names: ${known.slice(0, 9).join(', ')}. Found: ${found}. Rename the column in the file.`,
    { context: { file, column, found: names } },
  )
}

function doubled(file: string, column: string, first: FileColumn, second: FileColumn): DataError {
  return new DataError(
    'IMPORT_COLUMNS',
    `${file}: the columns '${first.name}' and '${second.name}' both mean the ${column}. Remove or rename the one that does not.`,
    { context: { file, column, found: [first.name, second.name] } },
  )
}
