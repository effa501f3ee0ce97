import type { CandleColumns } from '../../core/candles.ts'
import type { IntervalGrid } from '../../core/intervals.ts'
import { columnsOf, FILE_COLUMNS, findViolation } from '../columns.ts'
import { type DuckDb, sqlText } from '../duckdb.ts'
import { monthOf, monthRange } from '../local/lake.ts'
import type { ImportRequest } from '../store.ts'
import { checkRepeats, checkStage, stageSql, valuesSql, YEAR_2100_MS } from './checks.ts'
import { emptyFile, unreadable } from './import-error.ts'
import type { ImportSource } from './source.ts'
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
  /** Candles by month, such as `2024-01`, in order of time. */
  readonly months: ReadonlyMap<string, number>
}

const CLEAN = FILE_COLUMNS.join(', ')

/**
 * Reads and checks a file as a whole.
 *
 * A sound file is read once and checked in one pass over its columns. Anything else is staged again with the row numbers
 * that repairs and reports need.
 * @throws DataError `IMPORT_…` when the file breaks a rule
 */
export async function stageFile(
  db: DuckDb,
  source: ImportSource,
  request: ImportRequest,
  grid: IntervalGrid,
): Promise<StagedFile> {
  const { file, from, time: chosen, position } = source
  await checkTimesAgree(db, { file, from, chosen, position })
  const staged = await stageRows(db, source, request, grid)
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
): Promise<StagedFile> {
  const needsNumbers = request.sort === true || request.dedupe === true
  if (!needsNumbers) {
    const sound = await stageSound(db, source, grid)
    if (sound !== undefined) return sound
    await db.run('DROP TABLE IF EXISTS clean')
  }
  await db.run(stageSql(source))
  const [count] = await db.rows('SELECT CAST(count(*) AS DOUBLE) FROM stage')
  if (count?.[0] === 0) throw emptyFile(request.file)
  await checkStage(db, source, request, grid)
  if (needsNumbers) await checkRepeats(db, source, request)
  await db.run(
    needsNumbers
      ? `CREATE TABLE clean AS SELECT DISTINCT ${CLEAN} FROM stage ORDER BY open_time`
      : `CREATE VIEW clean AS SELECT ${CLEAN} FROM stage`,
  )
  return await describeClean(db)
}

/** Reads a file into the table `clean` and checks it there, or returns undefined when it breaks a rule. */
async function stageSound(
  db: DuckDb,
  source: ImportSource,
  grid: IntervalGrid,
): Promise<StagedFile | undefined> {
  // An appender fed with checked chunks would save a pass, and takes longer than the pass (measured).
  await db.run(`CREATE TABLE clean AS ${valuesSql(source)}`)
  return await describeSound(db.doubles('SELECT * FROM clean', FILE_COLUMNS.length), grid)
}

async function describeSound(
  chunks: AsyncIterable<readonly Float64Array[]>,
  grid: IntervalGrid,
): Promise<StagedFile | undefined> {
  const months = new Map<string, number>()
  let [rows, zeroVolume, first, last] = [0, 0, Number.NaN, -Infinity]
  let hasNeighbours = false
  for await (const vectors of chunks) {
    const chunk = columnsOf(vectors)
    if (findViolation(chunk, grid, last) !== undefined) return undefined
    hasNeighbours ||= neighboursIn(chunk.openTime, grid)
    if (rows === 0) first = chunk.openTime[0] as number
    countMonths(months, chunk.openTime)
    zeroVolume += zerosIn(chunk)
    rows += chunk.openTime.length
    last = chunk.openTime.at(-1) as number
  }
  const isInTime = first >= 0 && last < YEAR_2100_MS
  // Candles that never follow each other belong to a coarser interval.
  return isInTime && (hasNeighbours || rows === 1)
    ? { rows, unique: rows, first, last, zeroVolume, months }
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

function zerosIn({ volume }: CandleColumns): number {
  let zeros = 0
  for (let row = 0; row < volume.length; row++) if (volume[row] === 0) zeros++
  return zeros
}

/** Names a month for SQL, such as `'2024-01'`. */
const MONTH_SQL = `strftime(make_timestamp(CAST(open_time AS BIGINT) * 1000), ${sqlText('%Y-%m')})`

async function describeClean(db: DuckDb): Promise<StagedFile> {
  const months = (await db.rows(
    `SELECT ${MONTH_SQL} AS month, CAST(count(*) AS DOUBLE) FROM clean GROUP BY month ORDER BY month`,
  )) as readonly (readonly [string, number])[]
  const [facts] = (await db.rows(
    `SELECT (SELECT CAST(count(*) AS DOUBLE) FROM stage), CAST(count(*) AS DOUBLE), min(open_time), max(open_time),
       CAST(count(*) FILTER (volume = 0) AS DOUBLE) FROM clean`,
  )) as readonly (readonly [number, number, number, number, number])[]
  const [rows, unique, first, last, zeroVolume] = facts as readonly [
    number,
    number,
    number,
    number,
    number,
  ]
  return { rows, unique, first, last, zeroVolume, months: new Map(months) }
}
