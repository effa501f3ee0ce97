import { basename } from 'node:path'
import type { SeriesCheck } from '../data/index.ts'

type Damaged = SeriesCheck['damaged']
type Origin = Damaged[number]['origin']
type SeriesName = Pick<SeriesCheck, 'exchange' | 'symbol' | 'interval'>

/** What to do about damaged months whose candles are to be had in one place. */
export interface CheckAdvice {
  readonly months: readonly string[]
  readonly text: string
}

/** Returns what to do about the damaged months of a series. */
export function checkAdvice({ damaged, ...series }: SeriesCheck): readonly CheckAdvice[] {
  return [...Map.groupBy(damaged, ({ origin }) => origin)].map(([origin, months]) => ({
    months: months.map(({ month }) => month),
    text: `${months.map(({ path }) => basename(path)).join(', ')}: ${REMEDIES[origin](series)}`,
  }))
}

const REMEDIES: Readonly<Record<Origin, (series: SeriesName) => string>> = {
  database: () => 'copied from a database; delete the file, then run crypto data sync',
  lake: ({ exchange, symbol, interval }) =>
    `run crypto ingest --exchange ${exchange} --symbol ${symbol} --interval ${interval} --repair over the month, or delete the file and import it again`,
  sample: () => 'part of the sample; restore the file',
}
