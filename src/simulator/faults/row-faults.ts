import type { KlineRow } from '../kline.ts'
import type { Dice } from '../random.ts'
import type { Fault } from './plan.ts'
import type { Incident } from './request-faults.ts'

/** A row as it goes out, which may be no candle any more. */
export type WireRow = readonly unknown[]

type RowFault = Fault<'missing_rows' | 'duplicate_rows' | 'unsorted_rows' | 'invalid_rows'>

/**
 * Returns the rows of a reply with the faults of its request. A candle is left out, or spoiled, by one entry of the plan
 * only once: who asks again gets it.
 */
export function withRowFaults(rows: readonly KlineRow[], incident: Incident): readonly WireRow[] {
  let result: readonly WireRow[] = rows
  for (const kind of ['missing_rows', 'invalid_rows', 'duplicate_rows', 'unsorted_rows'] as const) {
    if (rows.length === 0) continue
    for (const { fault, dice } of incident.strikes(kind)) {
      result = CHANGES[kind](result, fault, { dice, incident })
    }
  }
  return result
}

interface Throw {
  readonly dice: Dice
  readonly incident: Incident
}

type Change = (rows: readonly WireRow[], fault: RowFault, by: Throw) => readonly WireRow[]

const CHANGES: Readonly<Record<RowFault['kind'], Change>> = {
  /** A run of neighbours, as an outage of the exchange's database leaves out. */
  missing_rows(rows, fault, by) {
    const count = by.dice.between(1, fault.rows)
    const start = by.dice.between(0, Math.max(0, rows.length - count))
    return rows.filter((row, i) => i < start || i >= start + count || !isNew(row, fault, by))
  },
  invalid_rows(rows, fault, by) {
    const chosen = chooseRows(rows.length, fault, by.dice)
    return rows.map((row, i) =>
      chosen.has(i) && isNew(row, fault, by) ? spoiled(row, by.dice) : row,
    )
  },
  duplicate_rows(rows, fault, { dice }) {
    const chosen = chooseRows(rows.length, fault, dice)
    return rows.flatMap((row, i) => (chosen.has(i) ? [row, row] : [row]))
  },
  unsorted_rows(rows, fault, { dice }) {
    const result = [...rows]
    for (let i = 0; i < fault.rows; i++) {
      const [from, to] = [dice.between(0, rows.length - 1), dice.between(0, rows.length - 1)]
      const row = result[from] as WireRow
      result[from] = result[to] as WireRow
      result[to] = row
    }
    return result
  },
}

function isNew([openTime]: WireRow, fault: RowFault, { incident }: Throw): boolean {
  const { symbol, interval } = incident.occasion
  return incident.log.touches(fault, `${symbol} ${interval} ${openTime}`)
}

/** Between one and `rows` of them. */
function chooseRows(count: number, fault: RowFault, dice: Dice): ReadonlySet<number> {
  const chosen = dice.between(1, fault.rows)
  return new Set(Array.from({ length: chosen }, () => dice.between(0, count - 1)))
}

/** Breaks one rule that every row keeps: of the wire's format, or of candles. A row that was broken before stays broken. */
function spoiled(row: WireRow, dice: Dice): WireRow {
  const [openTime, open, high, , close] = row
  const with_ = (values: Readonly<Record<number, unknown>>) =>
    row.map((value, i) => (i in values ? values[i] : value))
  return dice.pick<() => WireRow>([
    () => with_({ 3: `${Number(high) * 3}` }),
    () => with_({ 4: `${Number(high) * 2}` }),
    () => with_({ 1: 'NaN' }),
    () => with_({ 4: null }),
    () => with_({ 3: '' }),
    () => with_({ 5: '-1.00000000' }),
    () => with_({ 1: `-${open}` }),
    () => with_({ 0: Number(openTime) + 1 }),
    () => with_({ 0: String(close) }),
    () => row.slice(0, 5),
  ])()
}
