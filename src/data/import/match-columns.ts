import { DataError } from '../../core/errors.ts'
import {
  FIELDS,
  type Field,
  isSymbol,
  isUnnamed,
  looksLikeVolume,
  normalize,
  timeRank,
  valueRank,
} from './column-names.ts'

/** A column of a file: what the file calls it, and SQL for it. */
export interface FileColumn {
  readonly name: string
  readonly sql: string
  /** DuckDB's type. */
  readonly type: string
}

/** Which column is which, as the user says. `date` beside `time` is the day of a time of day; `volume` may be `none`. */
export type ColumnMap = Readonly<Partial<Record<Field | 'date', string>>>

/** Without a volume it has none: nothing stands in for it. */
export type ValueColumns = Readonly<Partial<Record<Exclude<Field, 'time'>, FileColumn>>>

export interface MatchedColumns {
  /** Every column that may be the time, best first. */
  readonly times: readonly FileColumn[]
  /** Whether the user named them: then no other column is compared. */
  readonly isTimeGiven: boolean
  readonly values: ValueColumns
  readonly symbol: FileColumn | undefined
  /** What was not found. Never a volume, unless a column may be one. */
  readonly missing: readonly Field[]
}

type ValueField = Exclude<Field, 'time'>
const VALUE_FIELDS = FIELDS.slice(1) as readonly ValueField[]

/** What the user writes for a file without volume. */
const NONE = 'none'

/**
 * Finds the columns of a candle by their names.
 * @throws DataError `IMPORT_COLUMNS` for a column that is there twice, or that the user names and is not there
 */
export function matchColumns(
  file: string,
  columns: readonly FileColumn[],
  { symbol, map = {} }: { readonly symbol: string; readonly map?: ColumnMap | undefined },
): MatchedColumns {
  const given = (field: Field | 'date') => {
    const name = map[field]
    return name === undefined ? undefined : namedColumn(file, columns, field, name)
  }
  const isWithout = map.volume === NONE && !columns.some(({ name }) => name === NONE)
  const times = [given('date'), given('time')].filter((column) => column !== undefined)
  const taken = new Set([
    ...times,
    ...VALUE_FIELDS.filter((field) => field !== 'volume' || !isWithout).map(given),
  ])
  const others = columns.filter((column) => !taken.has(column))
  const values: Partial<Record<ValueField, FileColumn>> = {}
  for (const field of VALUE_FIELDS) {
    if (field === 'volume' && isWithout) continue
    const found = given(field) ?? onlyColumn(file, others, field, symbol)
    if (found !== undefined) values[field] = found
  }
  const found = new Set(Object.values(values))
  const isTimeGiven = times.length > 0
  const rest = others.filter((column) => !found.has(column))
  const candidates = isTimeGiven ? times : timesOf(rest)
  const missing: Field[] = VALUE_FIELDS.filter(
    (field) => field !== 'volume' && values[field] === undefined,
  )
  if (candidates.length === 0) missing.unshift('time')
  const mayBeVolume = rest.some(({ name }) => looksLikeVolume(name))
  if (values.volume === undefined && !isWithout && mayBeVolume) missing.push('volume')
  return {
    ...{ times: candidates, isTimeGiven, values, missing },
    symbol: rest.find(({ name }) => isSymbol(name)),
  }
}

/** Columns that are called like a time, best first; where none is, those without a name. */
function timesOf(columns: readonly FileColumn[]): readonly FileColumn[] {
  const named = columns
    .filter(({ name }) => timeRank(name) >= 0)
    .sort((a, b) => timeRank(a.name) - timeRank(b.name))
  return named.length > 0 ? named : columns.filter(({ name }) => isUnnamed(name)).slice(0, 1)
}

/** The one column whose name says the field, or, where none does, the one whose name may. */
function onlyColumn(
  file: string,
  columns: readonly FileColumn[],
  field: ValueField,
  symbol: string,
): FileColumn | undefined {
  const ranked = (rank: number) =>
    columns.filter(({ name }) => valueRank(field, name, symbol) === rank)
  const named = ranked(0)
  const candidates = named.length > 0 ? named : ranked(1)
  const [first, second] = candidates
  if (first !== undefined && second !== undefined) throw doubled(file, field, first, second)
  // HTX calls the volume of the quote `vol`, and that of the base `amount`.
  const amount = columns.find(({ name }) => normalize(name) === 'amount')
  if (field === 'volume' && first !== undefined && amount !== undefined) {
    if (normalize(first.name) === 'vol') throw doubled(file, field, first, amount)
  }
  return first
}

function namedColumn(
  file: string,
  columns: readonly FileColumn[],
  field: string,
  name: string,
): FileColumn | undefined {
  const same = [
    columns.filter((column) => column.name === name),
    columns.filter((column) => column.name.trim().toLowerCase() === name.toLowerCase()),
    columns.filter((column) => normalize(column.name) === normalize(name)),
  ].find(({ length }) => length > 0)
  const [found, second] = same ?? []
  if (found !== undefined && second !== undefined) throw doubled(file, field, found, second)
  if (found !== undefined || (field === 'volume' && name === NONE)) return found
  const names = columns.map((column) => column.name)
  throw new DataError(
    'IMPORT_COLUMNS',
    `${file}: nothing was imported. --columns says ${field}=${name}, and there is no such column. Found: ${names.join(', ')}.`,
    { context: { file, column: field, found: names } },
  )
}

function doubled(file: string, field: string, first: FileColumn, second: FileColumn): DataError {
  return new DataError(
    'IMPORT_COLUMNS',
    `${file}: nothing was imported. The columns '${first.name}' and '${second.name}' both mean the ${field}. Say which it is, such as --columns ${field}="${first.name}", or rename the other.`,
    { context: { file, column: field, found: [first.name, second.name] } },
  )
}
