import { DataError } from '../../core/errors.ts'
import type { IntervalGrid } from '../../core/intervals.ts'
import { DAY_MS, formatInstant } from '../../core/units.ts'
import { PRICE_MAX, PRICE_MIN, VOLUME_MAX } from '../columns.ts'
import type { Cell, DuckDb } from '../duckdb.ts'
import type { ImportRequest } from '../store.ts'
import { FIELDS } from './column-names.ts'
import type { ImportSource } from './describe-source.ts'
import { numberSql } from './numbers.ts'

/** Rows named per broken rule. */
const EXAMPLES_MAX = 3
export const YEAR_2100_MS = 4_102_444_800_000
const PRICES = ['open', 'high', 'low', 'close'] as const
const VALUES = [...PRICES, 'volume'] as const

interface Rule {
  readonly code: string
  /** SQL over a staged row; true or NULL means broken. */
  readonly broken: string
  readonly text: string
  readonly remedy: string
}

/**
 * Checks the staged rows against the rules of stored candles and reports all broken rules at once, each with its first rows.
 * @throws DataError whose code is that of the first broken rule, or `IMPORT_INTERVAL`
 */
export async function checkStage(
  db: DuckDb,
  source: ImportSource,
  request: ImportRequest,
  grid: IntervalGrid,
): Promise<void> {
  const step = await smallestStep(db)
  const rules = rulesFor(request, grid, step)
  const cases = rules.map(({ broken }, i) => `WHEN coalesce(${broken}, true) THEN ${i}`).join(' ')
  const found = await db.rows(
    `SELECT CAST(rule AS DOUBLE), CAST(count(*) AS DOUBLE), CAST(min(line) AS DOUBLE)
     FROM (SELECT line, CASE ${cases} END AS rule FROM stage) WHERE rule IS NOT NULL GROUP BY rule ORDER BY min(line)`,
  )
  if (found.length > 0) throw await brokenRules(db, source, rules, found as number[][])
  if (step !== null && step > grid.ms) throw coarserThanSaid(source, grid, step)
}

function rulesFor(
  request: ImportRequest,
  grid: IntervalGrid,
  step: number | null,
): readonly Rule[] {
  const fix = 'Correct or remove the row.'
  const stepText = step === null ? '' : ` (the smallest step in the file is ${stepName(step)})`
  const rules: Rule[] = [
    {
      code: 'IMPORT_TIME',
      broken: `open_time IS NULL OR NOT (open_time >= 0 AND open_time < ${YEAR_2100_MS})`,
      text: 'the time must be an epoch number (s, ms, us or ns) or ISO 8601, between 1970 and 2100',
      remedy: fix,
    },
    ...PRICES.map((name) => ({
      code: 'IMPORT_PRICE',
      broken: `NOT (${name} BETWEEN ${PRICE_MIN} AND ${PRICE_MAX})`,
      text: `${name} must be a positive price from 1e-15 to 1e15`,
      remedy: fix,
    })),
    {
      code: 'IMPORT_VOLUME',
      broken: `volume IS NOT NULL AND NOT (volume BETWEEN 0 AND ${VOLUME_MAX})`,
      text: 'volume must be a number >= 0, up to 1e30, or empty',
      remedy: fix,
    },
    {
      code: 'IMPORT_OHLC',
      broken: 'low > least(open, close) OR high < greatest(open, close)',
      text: 'low must be <= open and close, high must be >= open and close',
      remedy: fix,
    },
    {
      code: 'IMPORT_ALIGNMENT',
      broken: `(open_time - ${grid.anchorMs}) % ${grid.ms} <> 0`,
      text: `the time must be the start of a candle, aligned to ${grid.name} in UTC${stepText}`,
      remedy: 'Give the right --interval, or correct the times.',
    },
  ]
  if (request.sort !== true) rules.push(SORTED)
  if (request.sort !== true && request.dedupe !== true) rules.push(UNIQUE)
  return rules
}

const SORTED: Rule = {
  code: 'IMPORT_UNSORTED',
  broken: 'coalesce(open_time < previous, false)',
  text: 'the time must be later than in the row before',
  remedy: 'Sort the file, or repeat the import with --sort.',
}

const UNIQUE: Rule = {
  code: 'IMPORT_DUPLICATE',
  broken: 'coalesce(open_time = previous, false)',
  text: 'the time must be unique, was the same as in the row before',
  remedy: 'Remove the repeated rows, or repeat the import with --dedupe if they are exact repeats.',
}

/** Returns the smallest distance between neighbouring rows in milliseconds, or null for a single row. */
async function smallestStep(db: DuckDb): Promise<number | null> {
  const [row] = await db.rows(
    'SELECT CAST(min(abs(open_time - previous)) AS DOUBLE) FROM stage WHERE open_time <> previous',
  )
  return (row?.[0] ?? null) as number | null
}

async function brokenRules(
  db: DuckDb,
  source: ImportSource,
  rules: readonly Rule[],
  found: readonly (readonly number[])[],
): Promise<DataError> {
  const parts: string[] = []
  const broken: { code: string; count: number; firstRow: number }[] = []
  for (const [index, count, line] of found as readonly [number, number, number][]) {
    const rule = rules[index] as Rule
    const examples = await exampleRows(db, source, rule)
    parts.push(`${rule.text}: broken by ${count} row(s), ${examples}. ${rule.remedy}`)
    broken.push({ code: rule.code, count, firstRow: line })
  }
  return new DataError(
    broken[0]?.code ?? 'IMPORT_INVALID',
    `${source.file}: nothing was imported.\n${parts.map((part) => `  ${part}`).join('\n')}`,
    { context: { file: source.file, broken } },
  )
}

/** Describes the first rows that break a rule with the text that the file has there. */
async function exampleRows(db: DuckDb, source: ImportSource, rule: Rule): Promise<string> {
  const columns = FIELDS.map((name) => `CAST(${name}_raw AS VARCHAR)`).join(', ')
  const lines = await db.rows(
    `SELECT CAST(line AS DOUBLE) FROM stage WHERE coalesce(${rule.broken}, true) ORDER BY line LIMIT ${EXAMPLES_MAX}`,
  )
  const list = lines.map(([line]) => line).join(', ')
  const rows = await db.rows(
    `SELECT CAST(line AS DOUBLE), ${columns} FROM (SELECT row_number() OVER () AS line, * FROM (${source.sql})) WHERE line IN (${list}) ORDER BY line`,
  )
  return rows.map((row) => exampleRow(source, row)).join('; ')
}

function exampleRow({ position }: ImportSource, [line, ...values]: readonly Cell[]): string {
  const texts = FIELDS.map((name, i) => `${name} ${values[i] ?? 'missing'}`)
  return `${position.word} ${(line as number) + position.offset} (${texts.join(', ')})`
}

function coarserThanSaid(source: ImportSource, grid: IntervalGrid, step: number): DataError {
  return new DataError(
    'IMPORT_INTERVAL',
    `${source.file}: nothing was imported. The candles are at least ${stepName(step)} apart, but --interval says ${grid.name}. Give the interval of the file.`,
    { context: { file: source.file, interval: grid.name, stepMs: step } },
  )
}

function stepName(ms: number): string {
  for (const [unit, size] of [
    ['w', 7 * DAY_MS],
    ['d', DAY_MS],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const) {
    if (ms % size === 0) return `${ms / size}${unit}`
  }
  return `${ms} ms`
}

/**
 * Checks that rows with the same time, anywhere in the file, are exact repeats, and that repeats are allowed.
 * @throws DataError `IMPORT_CONFLICT` or `IMPORT_DUPLICATE`
 */
export async function checkRepeats(
  db: DuckDb,
  source: ImportSource,
  request: ImportRequest,
): Promise<void> {
  const [worst] = (await db.rows(
    `SELECT open_time, CAST(min(line) AS DOUBLE), CAST(max(line) AS DOUBLE),
       CAST(count(DISTINCT (open, high, low, close, volume)) AS DOUBLE)
     FROM stage GROUP BY open_time HAVING count(*) > 1 ORDER BY 4 DESC, 2 LIMIT 1`,
  )) as readonly (readonly [number, number, number, number])[]
  if (worst === undefined) return
  const [time, first, last, variants] = worst
  const { word, offset } = source.position
  const where = `${word} ${first + offset} and ${word} ${last + offset} (${formatInstant(time)})`
  const context = { file: source.file, rows: [first, last], openTime: time }
  if (variants > 1) {
    throw new DataError(
      'IMPORT_CONFLICT',
      `${source.file}: nothing was imported. ${where} have the same time and different values. Remove the wrong one: --dedupe drops exact repeats only.`,
      { context },
    )
  }
  if (request.dedupe === true) return
  throw new DataError(
    UNIQUE.code,
    `${source.file}: nothing was imported. ${where} have the same time. ${UNIQUE.remedy}`,
    { context },
  )
}

/** A volume that is not there. No list after IN: DuckDB joins with long ones, and the rows lose their order. */
const NO_VOLUME = `'\\s*(?i:nan|null|none|na|n/a|-|)\\s*'`

/** SQL for a source's rows as numbers: epoch milliseconds, prices and volume, NULL where the file has something else. */
export function valuesSql(source: ImportSource): string {
  const prices = PRICES.map((name) => `${numberSql(source.numbers, `${name}_raw`)} AS ${name}`)
  return `SELECT ${source.timeSql} AS open_time, ${prices.join(', ')}, ${volumeSql(source)} AS volume FROM (${source.sql})`
}

/** NULL where there is no volume; a text that is no number becomes a negative one, which breaks the rule. */
function volumeSql({ numbers }: ImportSource): string {
  const number = `nullif(${numberSql(numbers, 'volume_raw')}, 'nan'::DOUBLE)`
  const isMissing = `regexp_full_match(CAST(volume_raw AS VARCHAR), ${NO_VOLUME})`
  return `coalesce(${number}, CASE WHEN volume_raw IS NULL OR ${isMissing} THEN NULL ELSE -1 END)`
}

/** The SQL that stages a source: one numbered row per row of the file, with the time of the row before. */
export function stageSql(source: ImportSource): string {
  return `CREATE TABLE stage AS
    SELECT row_number() OVER () AS line, open_time, lag(open_time) OVER () AS previous, ${VALUES.join(', ')}
    FROM (${valuesSql(source)})`
}
