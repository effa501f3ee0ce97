import { DataError } from '../../core/errors.ts'
import { excerpt } from '../../core/foreign-text.ts'
import type { DuckDb } from '../duckdb.ts'
import type { FileColumn } from './match-columns.ts'

const NAMED_MAX = 5

/**
 * Refuses rows of another market than the user says, and those of several.
 * @throws DataError `IMPORT_SYMBOL`
 */
export async function checkSymbols(
  db: DuckDb,
  {
    file,
    from,
    symbol,
    column,
  }: {
    readonly file: string
    readonly from: string
    readonly symbol: string
    readonly column: FileColumn
  },
): Promise<void> {
  const found = await db.rows(
    `SELECT DISTINCT CAST(${column.sql} AS VARCHAR) AS symbol FROM ${from} ORDER BY symbol LIMIT ${NAMED_MAX + 1}`,
  )
  const names = found.map(([name]) => excerpt(String(name ?? 'nothing'), 40))
  const [only = ''] = names
  if (names.length > 1) {
    const list = names.slice(0, NAMED_MAX).join(', ') + (names.length > NAMED_MAX ? ', …' : '')
    throw refused(file, column, `holds several markets (${list}). Import a file of one of them.`)
  }
  if (mayBeSame(only, symbol)) return
  throw refused(file, column, `says ${only}, and --symbol says ${symbol}. Give the right one.`)
}

function refused(file: string, { name }: FileColumn, what: string): DataError {
  return new DataError(
    'IMPORT_SYMBOL',
    `${file}: nothing was imported. The column '${name}' ${what}`,
    { context: { file, column: name } },
  )
}

/** Whether one begins with the other, however they are written: `BTC/USD`, `X:BTCUSD`, `XBTUSD`, `BTC-USDT-SWAP`. */
function mayBeSame(a: string, b: string): boolean {
  const [first, second] = [plain(a), plain(b)]
  return first.startsWith(second) || second.startsWith(first)
}

function plain(symbol: string): string {
  return symbol
    .toUpperCase()
    .replace(/^[A-Z]+:/, '')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/^X?XBT/, 'BTC')
}
