import { basename } from 'node:path'
import { Type } from 'typebox'
import type { SeriesCheck } from '../data/index.ts'
import { closed } from './leaves.ts'

export const AdviceDocument = Type.Array(
  Type.Object({ months: Type.Array(Type.String()), text: Type.String() }, closed),
  { description: 'how to get months with bad rows, unreadable or wrong files again' },
)

type Damaged = SeriesCheck['damaged']
type Origin = Damaged[number]['origin']
type SeriesName = Pick<SeriesCheck, 'exchange' | 'symbol' | 'interval'>

/** What to do about damaged months whose candles are to be had in one place. */
export interface CheckAdvice {
  readonly months: readonly string[]
  readonly text: string
}

export function adviceJson({ months, text }: CheckAdvice) {
  return { months: [...months], text }
}

/** Returns what to do about the damaged months of a series, and about its manifest. */
export function checkAdvice({ damaged, manifest, ...series }: SeriesCheck): readonly CheckAdvice[] {
  const files = [...Map.groupBy(damaged, ({ origin }) => origin)].map(([origin, months]) => ({
    months: months.map(({ month }) => month),
    text: `${months.map(({ path }) => basename(path)).join(', ')}: ${REMEDIES[origin](series)}`,
  }))
  const manifests = manifest
    .filter(({ month }) => month === null)
    .map(({ path }) => ({ months: [], text: `${basename(path)}: ${manifestRemedy(series)}` }))
  return [...files, ...manifests]
}

const ingestText = ({ exchange, symbol, interval }: SeriesName) =>
  `crypto ingest --exchange ${exchange} --symbol ${symbol} --interval ${interval} --repair`

function manifestRemedy(series: SeriesName): string {
  return `run ${ingestText(series)}, which measures the files anew, or crypto data sync where they were copied from a database; otherwise rename it, and the files are used as they are`
}

const REMEDIES: Readonly<Record<Origin, (series: SeriesName) => string>> = {
  database: () => 'copied from a database; delete the file, then run crypto data sync',
  lake: (series) =>
    `run ${ingestText(series)} over the month, or move the file away and import it again`,
  sample: () => 'part of the sample; restore the file',
}
