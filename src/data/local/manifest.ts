import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CandleColumns } from '../../core/candles.ts'
import type { IntervalGrid } from '../../core/intervals.ts'
import type { DuckDb } from '../duckdb.ts'
import { writeAtomically } from '../files.ts'
import type { SeriesKey, StoredSeries } from '../store.ts'
import { type Partition, seriesFolder } from './lake.ts'
import { readColumns } from './read-columns.ts'

/** What is known of one partition without opening it. Times are epoch milliseconds. */
export interface PartitionFacts {
  readonly rows: number
  /** Open times of the first and last candle. */
  readonly first: number
  readonly last: number
  /** Candles missing between them. */
  readonly holes: number
  readonly zero_volume: number
  /** Content hash of the columns, as in `CandleSeries`. */
  readonly hash: string
  readonly bytes: number
}

/** `manifest.json` beside the partitions of a series. */
export interface SeriesManifest extends SeriesKey {
  readonly schema: 'crypto/lake.series@1'
  readonly partitions: Readonly<Record<string, PartitionFacts>>
}

const SCHEMA = 'crypto/lake.series@1'
const MANIFEST = 'manifest.json'

/** Reads the manifest of a series; an absent or damaged one counts as empty, for it can be made anew. */
function readManifest(root: string, key: SeriesKey): SeriesManifest {
  return manifestIn(seriesFolder(root, key), key)
}

/** Records the facts of months by name. */
export async function recordFacts(
  root: string,
  key: SeriesKey,
  months: ReadonlyMap<string, PartitionFacts>,
): Promise<void> {
  if (months.size === 0) return
  const manifest = readManifest(root, key)
  const partitions = { ...manifest.partitions, ...Object.fromEntries(months) }
  await writeManifest(root, { ...manifest, partitions })
}

/** Forgets the facts of a month, which is due before its file changes. */
export async function forgetFacts(root: string, key: SeriesKey, month: string): Promise<void> {
  const manifest = readManifest(root, key)
  const { [month]: known, ...partitions } = manifest.partitions
  if (known !== undefined) await writeManifest(root, { ...manifest, partitions })
}

async function writeManifest(root: string, manifest: SeriesManifest): Promise<void> {
  const path = join(seriesFolder(root, manifest), MANIFEST)
  const months = Object.entries(manifest.partitions).sort(([a], [b]) => (a < b ? -1 : 1))
  const text = JSON.stringify({ ...manifest, partitions: Object.fromEntries(months) }, null, 1)
  await writeAtomically(path, (temporary) => writeFileSync(temporary, `${text}\n`))
}

/** Describes the candles of one partition. */
export function describeColumns(
  columns: CandleColumns,
  grid: IntervalGrid,
  file: Pick<PartitionFacts, 'hash' | 'bytes'>,
): PartitionFacts {
  const rows = columns.openTime.length
  const first = columns.openTime[0] as number
  const last = columns.openTime[rows - 1] as number
  return {
    rows,
    first,
    last,
    holes: missingCandles(first, last, rows, grid),
    zero_volume: columns.volume.reduce((count, volume) => count + (volume === 0 ? 1 : 0), 0),
    ...file,
  }
}

/** Returns how many candles are missing between two open times that enclose `rows` candles, both included. */
export function missingCandles(
  first: number,
  last: number,
  rows: number,
  grid: IntervalGrid,
): number {
  return (last - first) / grid.ms + 1 - rows
}

/**
 * Returns the facts of partitions: from the manifests where these describe the files as they are, else by reading.
 * @param open gives the database, which is only needed to read
 */
export async function factsOf(
  partitions: readonly Partition[],
  key: SeriesKey,
  grid: IntervalGrid,
  open: () => Promise<DuckDb>,
): Promise<readonly PartitionFacts[]> {
  const manifests = new Map<string, SeriesManifest>()
  const facts: PartitionFacts[] = []
  for (const partition of partitions) {
    const folder = dirname(partition.path)
    const manifest = manifests.get(folder) ?? manifestIn(folder, key)
    manifests.set(folder, manifest)
    const known = manifest.partitions[partition.month]
    if (known?.bytes === partition.bytes) facts.push(known)
    else facts.push(...(await measure(partition, grid, await open())))
  }
  return facts
}

/** Sums up partitions in order of time, or returns undefined when they hold no candle. */
export function summarize(
  key: SeriesKey,
  grid: IntervalGrid,
  partitions: readonly Partition[],
  facts: readonly PartitionFacts[],
): StoredSeries | undefined {
  const first = facts[0]?.first
  const last = facts.at(-1)?.last
  if (first === undefined || last === undefined) return undefined
  const rows = sum(facts.map((fact) => fact.rows))
  const sources = new Set(partitions.map((partition) => partition.source))
  return {
    ...key,
    fromMs: first,
    toMs: last + grid.ms,
    rows,
    holes: missingCandles(first, last, rows, grid),
    zeroVolume: sum(facts.map((fact) => fact.zero_volume)),
    bytes: sum(partitions.map((partition) => partition.bytes)),
    source: sources.size > 1 ? 'mixed' : ([...sources][0] as 'lake' | 'sample'),
  }
}

async function measure(
  partition: Partition,
  grid: IntervalGrid,
  db: DuckDb,
): Promise<PartitionFacts[]> {
  const { columns, hash } = await readColumns(db, { partitions: [partition], grid })
  const { bytes } = partition
  return columns.openTime.length === 0 ? [] : [describeColumns(columns, grid, { hash, bytes })]
}

/** Reads the manifest in a folder; an absent or damaged one counts as empty, for it can be made anew. */
export function manifestIn(folder: string, key: SeriesKey): SeriesManifest {
  const { exchange, symbol, interval } = key
  const empty: SeriesManifest = { schema: SCHEMA, exchange, symbol, interval, partitions: {} }
  const path = join(folder, MANIFEST)
  if (!existsSync(path)) return empty
  try {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as SeriesManifest
    return manifest.schema === SCHEMA ? { ...empty, partitions: manifest.partitions } : empty
  } catch {
    return empty
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
