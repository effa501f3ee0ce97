import { median } from './timing.ts'

/** One measured figure. */
export interface BenchRow {
  readonly group: string
  readonly name: string
  readonly value: number
  readonly unit: string
  /** A limit of the budgets, when this figure has one. */
  readonly budget?: Budget
  /** What else a reader must know to judge the figure. */
  readonly note?: string
}

export interface Budget {
  readonly atLeast?: number
  readonly atMost?: number
}

/** Measures the same rows `runs` times, one after the other, and returns each with the median of its figures. */
export async function mediansOf(
  runs: number,
  measure: () => Promise<readonly BenchRow[]>,
): Promise<BenchRow[]> {
  const measured: (readonly BenchRow[])[] = []
  while (measured.length < runs) measured.push(await measure())
  const [first = []] = measured
  return first.map((row, i) => ({ ...row, value: median(measured.map((rows) => rows[i]!.value)) }))
}

/** Undefined when the row has no budget. */
export function meetsBudget({ value, budget }: BenchRow): boolean | undefined {
  if (budget === undefined) return undefined
  return value >= (budget.atLeast ?? -Infinity) && value <= (budget.atMost ?? Infinity)
}

/** Returns the rows as aligned lines, one group after the other. */
export function formatRows(rows: readonly BenchRow[]): string {
  const cells = rows.map((row) => [row.name, formatValue(row.value), row.unit, verdict(row)])
  const widths = [0, 1, 2, 3].map((i) => Math.max(...cells.map((cell) => cell[i]!.length)))
  return rows
    .flatMap((row, i) => {
      const [name, value, unit, judged] = cells[i]!
      const line = [
        name!.padEnd(widths[0]!),
        value!.padStart(widths[1]!),
        unit!.padEnd(widths[2]!),
        judged!.padEnd(widths[3]!),
        row.note ?? '',
      ]
      const head = row.group === rows[i - 1]?.group ? [] : ['', row.group]
      return [...head, `  ${line.join('  ').trimEnd()}`]
    })
    .join('\n')
}

function verdict(row: BenchRow): string {
  const met = meetsBudget(row)
  if (met === undefined || row.budget === undefined) return ''
  const { atLeast, atMost } = row.budget
  const limit = atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`
  return `${met ? 'meets' : 'MISSES'} ${limit}`
}

/** Four significant digits, thousands separated. */
function formatValue(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value) || 1)))
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(digits, 12) })
}
