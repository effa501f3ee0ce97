import type { CandleColumns } from '../../core/candles.ts'
import { DataError } from '../../core/errors.ts'
import type { IntervalGrid } from '../../core/intervals.ts'
import { formatInstant } from '../../core/units.ts'
import { columnsOf, FILE_COLUMNS, findViolation, MAY_LACK_VOLUME } from '../columns.ts'
import { type DuckDb, sqlText } from '../duckdb.ts'
import { monthOf, monthRange } from '../lake/lake.ts'
import type { ImportRequest } from '../store.ts'
import { checkRepeats, checkStage, stageSql, valuesSql, YEAR_2100_MS } from './checks.ts'
import type { ImportSource } from './describe-source.ts'
import { emptyFile, unreadable } from './import-error.ts'
import { checkTimesAgree } from './times.ts'

/** What is known of a staged file. Its candles are the rows of `clean`: checked, sorted and unique. */
export interface StagedFile {
  /** Rows of the file, and those left when exact repeats are dropped. */
  readonly rows: number
  readonly unique: number
  /** Open times of the first and last candle. */
  readonly first: number
  readonly last: number
  readonly zeroVolume: number
  /** Candles whose volume is not known. */
  readonly missingVolume: number
  /** Candles by month, such as `2024-01`, in order of time. */
  readonly months: ReadonlyMap<string, number>
  /** What was done with the rows that the user should know of. */
  readonly notes: readonly string[]
}

/** The table with the candles of all files. */
const TABLE = 'clean'

const CLEAN = FILE_COLUMNS.join(', ')

/**
 * Reads and checks files as a whole, each for itself and then all as one series.
 *
 * A sound file is read once and checked in one pass over its columns. Anything else is staged again with the row numbers
 * that repairs and reports need.
 * @param begin called with each file before it is read
 * @throws DataError `IMPORT_…` when a file breaks a rule, or files contradict each other
 */
export async function stageFiles(
  db: DuckDb,
  sources: readonly ImportSource[],
  request: ImportRequest,
  grid: IntervalGrid,
  begin: (file: string) => void,
): Promise<StagedFile> {
  const parts: StagedPart[] = []
  for (const [i, source] of sources.entries()) {
    begin(source.file)
    const table = sources.length === 1 ? TABLE : `${TABLE}_${i}`
    const staged = await stageFile(db, source, request, grid, table)
    parts.push({ file: source.file, table, staged })
  }
  const [only] = parts
  return only !== undefined && parts.length === 1
    ? only.staged
    : await joinParts(db, parts, request)
}

async function stageFile(
  db: DuckDb,
  source: ImportSource,
  request: ImportRequest,
  grid: IntervalGrid,
  table: string,
): Promise<StagedFile> {
  const { file, from, time: chosen, position } = source
  await checkTimesAgree(db, { file, from, chosen, position })
  const staged = await stageRows(db, source, request, grid, table)
  checkRows(source, staged.rows)
  return staged
}

/** The lines of a text are its rows; where a quoted field spans several, the file is no table of candles. */
function checkRows({ file, rows }: ImportSource, found: number): void {
  if (rows === undefined || rows === found) return
  throw unreadable(
    file,
    `its ${rows} lines below the header are read as ${found} rows: a quoted field spans several lines`,
  )
}

async function stageRows(
  db: DuckDb,
  source: ImportSource,
  request: ImportRequest,
  grid: IntervalGrid,
  table: string,
): Promise<StagedFile> {
  const needsNumbers = request.sort === true || request.dedupe === true
  if (!needsNumbers) {
    const sound = await stageSound(db, source, grid, table)
    if (sound !== undefined) return sound
    await db.run(`DROP TABLE IF EXISTS ${table}`)
  }
  await db.run(stageSql(source))
  const [facts] = await db.rows(
    `SELECT CAST(count(*) AS DOUBLE), CAST(count(*) FILTER (open_time > previous) AS DOUBLE),
       CAST(count(*) FILTER (open_time < previous) AS DOUBLE) FROM stage`,
  )
  const [rows, later, earlier] = facts as readonly [number, number, number]
  if (rows === 0) throw emptyFile(source.file)
  const isReversed = later === 0 && earlier > 0
  await checkStage(db, source, { ...request, sort: request.sort === true || isReversed }, grid)
  if (needsNumbers || isReversed) await checkRepeats(db, source, request)
  await db.run(`CREATE TABLE ${table} AS SELECT DISTINCT ${CLEAN} FROM stage ORDER BY open_time`)
  await db.run('DROP TABLE stage')
  const notes = isReversed ? ['the newest row stands first: the order was reversed'] : []
  return { ...(await describeTable(db, table)), rows, notes: [...source.notes, ...notes] }
}

/** Reads a file into a table and checks it there, or returns undefined when it breaks a rule. */
async function stageSound(
  db: DuckDb,
  source: ImportSource,
  grid: IntervalGrid,
  table: string,
): Promise<StagedFile | undefined> {
  // An appender fed with checked chunks would save a pass, and takes longer than the pass (measured).
  await db.run(`CREATE TABLE ${table} AS ${valuesSql(source)}`)
  const chunks = db.doubles(`SELECT * FROM ${table}`, FILE_COLUMNS.length)
  const sound = await describeSound(chunks, grid)
  return sound && { ...sound, notes: source.notes }
}

async function describeSound(
  chunks: AsyncIterable<readonly Float64Array[]>,
  grid: IntervalGrid,
): Promise<Omit<StagedFile, 'notes'> | undefined> {
  const months = new Map<string, number>()
  let [rows, zeroVolume, missingVolume, first, last] = [0, 0, 0, Number.NaN, -Infinity]
  let hasNeighbours = false
  for await (const vectors of chunks) {
    const chunk = columnsOf(vectors)
    if (findViolation(chunk, grid, last, MAY_LACK_VOLUME) !== undefined) return undefined
    hasNeighbours ||= neighboursIn(chunk.openTime, grid)
    if (rows === 0) first = chunk.openTime[0] as number
    countMonths(months, chunk.openTime)
    zeroVolume += countIn(chunk, (volume) => volume === 0)
    missingVolume += countIn(chunk, Number.isNaN)
    rows += chunk.openTime.length
    last = chunk.openTime.at(-1) as number
  }
  const isInTime = first >= 0 && last < YEAR_2100_MS
  // Candles that never follow each other belong to a coarser interval.
  return isInTime && (hasNeighbours || rows === 1)
    ? { rows, unique: rows, first, last, zeroVolume, missingVolume, months }
    : undefined
}

function neighboursIn(openTime: Float64Array, grid: IntervalGrid): boolean {
  return openTime.some((time, row) => row > 0 && time - (openTime[row - 1] as number) === grid.ms)
}

/** Counts ever later open times by month. */
function countMonths(months: Map<string, number>, openTime: Float64Array): void {
  for (let row = 0; row < openTime.length; ) {
    const month = monthOf(openTime[row] as number)
    const { toMs } = monthRange(month)
    const start = row
    if ((openTime.at(-1) as number) < toMs) row = openTime.length
    while (row < openTime.length && (openTime[row] as number) < toMs) row++
    months.set(month, (months.get(month) ?? 0) + row - start)
  }
}

function countIn({ volume }: CandleColumns, suits: (volume: number) => boolean): number {
  let count = 0
  for (let row = 0; row < volume.length; row++) if (suits(volume[row] as number)) count++
  return count
}

/** Names a month for SQL, such as `'2024-01'`. */
const MONTH_SQL = `strftime(make_timestamp(CAST(open_time AS BIGINT) * 1000), ${sqlText('%Y-%m')})`

async function describeTable(
  db: DuckDb,
  table: string,
): Promise<Omit<StagedFile, 'rows' | 'notes'>> {
  const months = (await db.rows(
    `SELECT ${MONTH_SQL} AS month, CAST(count(*) AS DOUBLE) FROM ${table} GROUP BY month ORDER BY month`,
  )) as readonly (readonly [string, number])[]
  const [facts] = (await db.rows(
    `SELECT CAST(count(*) AS DOUBLE), min(open_time), max(open_time),
       CAST(count(*) FILTER (volume = 0) AS DOUBLE), CAST(count(*) FILTER (volume IS NULL) AS DOUBLE) FROM ${table}`,
  )) as readonly (readonly [number, number, number, number, number])[]
  const [unique, first, last, zeroVolume, missingVolume] = facts as readonly [
    number,
    number,
    number,
    number,
    number,
  ]
  return { unique, first, last, zeroVolume, missingVolume, months: new Map(months) }
}

interface StagedPart {
  readonly file: string
  readonly table: string
  readonly staged: StagedFile
}

/** Makes one series of the tables of several files, whatever order they are given in. */
async function joinParts(
  db: DuckDb,
  parts: readonly StagedPart[],
  request: ImportRequest,
): Promise<StagedFile> {
  const all = parts
    .map(({ table }, i) => `SELECT ${CLEAN}, ${i} AS part FROM ${table}`)
    .join(' UNION ALL ')
  const sorted = parts.toSorted((a, b) => a.staged.first - b.staged.first)
  const isApart = sorted.every(
    ({ staged }, i) => i === 0 || staged.first > (sorted[i - 1] as StagedPart).staged.last,
  )
  if (!isApart) await checkOverlap(db, parts, all, request)
  await db.run(`CREATE TABLE ${TABLE} AS SELECT DISTINCT ${CLEAN} FROM (${all}) ORDER BY open_time`)
  for (const { table } of parts) await db.run(`DROP TABLE ${table}`)
  const notes = parts.flatMap(({ file, staged }) => staged.notes.map((note) => `${file}: ${note}`))
  const rows = parts.reduce((total, { staged }) => total + staged.rows, 0)
  return { ...(await describeTable(db, TABLE)), rows, notes }
}

/** @throws DataError `IMPORT_CONFLICT` or `IMPORT_DUPLICATE` */
async function checkOverlap(
  db: DuckDb,
  parts: readonly StagedPart[],
  all: string,
  { dedupe }: ImportRequest,
): Promise<void> {
  const [worst] = (await db.rows(
    `SELECT open_time, CAST(min(part) AS DOUBLE), CAST(max(part) AS DOUBLE),
       CAST(count(DISTINCT (open, high, low, close, volume)) AS DOUBLE)
     FROM (${all}) GROUP BY open_time HAVING count(*) > 1 ORDER BY 4 DESC, 1 LIMIT 1`,
  )) as readonly (readonly [number, number, number, number])[]
  if (worst === undefined) return
  const [time, first, last, variants] = worst
  const [a, b] = [parts[first]?.file, parts[last]?.file]
  const context = { files: [a, b], openTime: time }
  const where = `${a} and ${b} both have the candle of ${formatInstant(time)}`
  if (variants > 1) {
    throw new DataError(
      'IMPORT_CONFLICT',
      `${where}, with different values. Nothing was imported. Leave out the wrong file: --dedupe drops exact repeats only.`,
      { context },
    )
  }
  if (dedupe === true) return
  throw new DataError(
    'IMPORT_DUPLICATE',
    `${where}. Nothing was imported. Repeat the import with --dedupe if the files overlap.`,
    { context },
  )
}
