import { DataError } from '../../core/errors.ts'
import { type IntervalGrid, isAligned, parseInterval } from '../../core/intervals.ts'
import { DAY_MS } from '../../core/units.ts'
import type { DuckDb } from '../duckdb.ts'
import type { ImportSource } from './describe-source.ts'

const UNITS = [
  ['d', DAY_MS],
  ['h', 3_600_000],
  ['m', 60_000],
] as const

/** Fewer equal distances are no interval: they may be a gap. */
const DISTANCES_MIN = 2

/**
 * Returns the interval that files show: the most common distance between neighbouring rows, where all others are multiples of it.
 * @param isSorted whether the rows may stand in any order
 * @throws DataError `IMPORT_INTERVAL` when they show none
 */
export async function inferInterval(
  db: DuckDb,
  sources: readonly ImportSource[],
  isSorted: boolean,
): Promise<IntervalGrid> {
  const order = isSorted ? 'ORDER BY t' : ''
  const distances = sources
    .map(
      ({ sql, timeSql }) =>
        `SELECT t, abs(t - lag(t) OVER (${order})) AS d FROM (SELECT ${timeSql} AS t FROM (${sql}))`,
    )
    .join(' UNION ALL ')
  const [best] = (await db.rows(
    `SELECT d, CAST(count(*) AS DOUBLE), CAST(min(t) AS DOUBLE) FROM (${distances}) WHERE d > 0 GROUP BY d ORDER BY 2 DESC, 1 LIMIT 1`,
  )) as readonly (readonly [number, number, number])[]
  const file = sources.map((source) => source.file).join(', ')
  if (best === undefined || best[1] < DISTANCES_MIN) {
    throw notShown(file, 'it has too few rows to show it')
  }
  const [ms, , timeMs] = best
  const grid = gridOf(ms, timeMs)
  const [odd] = await db.rows(
    `SELECT CAST(count(*) AS DOUBLE), CAST(min(d) AS DOUBLE) FROM (${distances}) WHERE d > 0 AND d % ${ms} <> 0`,
  )
  const others = odd?.[0] as number
  if (grid !== undefined && others === 0) return grid
  const name = grid?.name ?? `${ms / 1000} s`
  const rest = others === 0 ? '' : `, and ${others} are no multiple of it`
  throw notShown(file, `most of its rows are ${name} apart${rest}`)
}

function gridOf(ms: number, timeMs: number): IntervalGrid | undefined {
  const week = parseInterval('1w')
  if (ms === week.ms && isAligned(timeMs, week)) return week
  const unit = UNITS.find(([, unitMs]) => ms % unitMs === 0)
  return unit && parseInterval(`${ms / unit[1]}${unit[0]}`)
}

function notShown(file: string, what: string): DataError {
  return new DataError(
    'IMPORT_INTERVAL',
    `${file}: nothing was imported. The file does not show its interval: ${what}. Give --interval, such as --interval 1h.`,
    { context: { file } },
  )
}
