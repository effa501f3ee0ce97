import { dirname } from 'node:path'
import type { IntervalGrid } from '../../core/intervals.ts'
import { ColumnsHasher } from '../columns.ts'
import type { DuckDb } from '../duckdb.ts'
import type { SeriesKey, StoredSeries } from '../store.ts'
import { digestFile } from './digest.ts'
import type { Partition } from './lake.ts'
import {
  changedFile,
  currentFacts,
  manifestIn,
  type PartitionFacts,
  readManifest,
  type SeriesManifest,
  withDigests,
  writeManifest,
} from './manifest-file.ts'
import { checkedChunks, whileUnchanged } from './read-columns.ts'

export type { PartitionFacts } from './manifest-file.ts'

/** Returns the identity of the database that a month is a copy of; undefined when the lake itself is its record. */
export function databaseOf(
  { partitions, claims }: SeriesManifest,
  month: string,
): string | undefined {
  return partitions[month]?.source?.database ?? claims?.[month]
}

/**
 * Records the facts of months by name. They can be measured again, so that a power cut may take them back; what was forgotten before a
 * file changed stays forgotten. Not so where a month was copied from: that has to be durable.
 */
export async function recordFacts(
  root: string,
  key: SeriesKey,
  months: ReadonlyMap<string, PartitionFacts>,
): Promise<void> {
  if (months.size === 0) return
  const isDurable = [...months.values()].some(({ source }) => source !== undefined)
  const manifest = readManifest(root, key)
  const partitions = { ...manifest.partitions, ...Object.fromEntries(months) }
  const claims = without(manifest.claims, [...months.keys()])
  await writeManifest(root, { ...manifest, partitions, claims }, { isDurable })
}

/** Forgets the facts of a month, which is due before its file changes. The lake itself is its record from then on. */
export async function forgetFacts(root: string, key: SeriesKey, month: string): Promise<void> {
  const { partitions, claims } = readManifest(root, key)
  if (partitions[month] !== undefined || claims?.[month] !== undefined) {
    await disown(root, key, [month])
  }
}

/** Forgets months that are not there any more. */
export async function disown(
  root: string,
  key: SeriesKey,
  months: readonly string[],
): Promise<void> {
  const manifest = readManifest(root, key)
  const partitions = without(manifest.partitions, months)
  const claims = without(manifest.claims, months)
  await writeManifest(root, { ...manifest, partitions, claims })
}

/** Notes that the files of months are about to be copied from a database or removed, instead of what was known of them. */
export async function claim(
  root: string,
  key: SeriesKey,
  months: readonly string[],
  database: string,
): Promise<void> {
  const manifest = readManifest(root, key)
  const partitions = without(manifest.partitions, months)
  const claimed = Object.fromEntries(months.map((month) => [month, database]))
  await writeManifest(root, {
    ...manifest,
    partitions,
    claims: { ...manifest.claims, ...claimed },
  })
}

function without<T>(
  record: Readonly<Record<string, T>> | undefined,
  months: readonly string[],
): Readonly<Record<string, T>> {
  const gone = new Set(months)
  return Object.fromEntries(Object.entries(record ?? {}).filter(([month]) => !gone.has(month)))
}

/**
 * Reads the file of a month from start to end, checking every row, and describes it; undefined when it holds no candle.
 * @throws DataError `DATA_INVALID` or `DATA_UNREADABLE`
 */
export async function describeFile(
  db: DuckDb,
  partition: Partition,
  grid: IntervalGrid,
): Promise<PartitionFacts | undefined> {
  return await whileUnchanged([partition], async () => {
    const hasher = new ColumnsHasher()
    let [rows, first, last, zeroVolume] = [0, Number.NaN, Number.NaN, 0]
    for await (const chunk of checkedChunks(db, { partitions: [partition], grid })) {
      hasher.push(chunk)
      if (rows === 0) first = chunk.openTime[0] as number
      rows += chunk.openTime.length
      last = chunk.openTime.at(-1) as number
      zeroVolume += countZeros(chunk.volume)
    }
    if (rows === 0) return undefined
    const holes = missingCandles(first, last, rows, grid)
    const hash = hasher.finish()
    const { bytes, path } = partition
    const digest = digestFile(path)
    return { rows, first, last, holes, zero_volume: zeroVolume, hash, bytes, digest }
  })
}

function countZeros(values: Float64Array): number {
  let zeros = 0
  for (let row = 0; row < values.length; row++) if (values[row] === 0) zeros++
  return zeros
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
 * Returns the facts of partitions: from the manifests where these describe them, else by reading. Files that no manifest lists are
 * somebody's own, or were being written when a process ended: nothing says what they should hold.
 * @param open gives the database, which is only needed to read
 * @throws DataError `DATA_DAMAGED` where a file is not the one that its manifest describes, `MANIFEST_DAMAGED`, and as `describeFile`
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
    const noted = manifest.partitions[partition.month]
    const found = await factsOfOne(partition, noted, async () =>
      describeFile(await open(), partition, grid),
    )
    if (found !== undefined) facts.push(found)
  }
  return facts
}

async function factsOfOne(
  partition: Partition,
  noted: PartitionFacts | undefined,
  describe: () => Promise<PartitionFacts | undefined>,
): Promise<PartitionFacts | undefined> {
  if (noted === undefined) return await describe()
  if (noted.digest === undefined) return asNoted(partition, noted, await describe())
  if (noted.bytes === partition.bytes) return noted
  // Another size: a writer was here between the two looks, or somebody else.
  return currentFacts(partition) ?? (await describe())
}

/** Manifests of earlier versions have no checksum of the file: its candles are compared, which takes reading them all. */
function asNoted(
  { path }: Partition,
  noted: PartitionFacts,
  found: PartitionFacts | undefined,
): PartitionFacts {
  const isSame = found !== undefined && MEASURED.every((name) => found[name] === noted[name])
  if (!isSame) throw changedFile(path, noted, found?.digest ?? 'of no candle')
  return { ...found, ...(noted.source !== undefined && { source: noted.source }) }
}

/**
 * Reads a file from start to end and compares it with its manifest, if that lists it. Returns what was measured.
 * @throws DataError `DATA_DAMAGED`, `DATA_INVALID`, `DATA_UNREADABLE` or `MANIFEST_DAMAGED`
 */
export async function checkFile(
  db: DuckDb,
  partition: Partition,
  key: SeriesKey,
  grid: IntervalGrid,
): Promise<PartitionFacts | undefined> {
  const [file = partition] = withDigests([partition])
  const found = await describeFile(db, file, grid)
  const noted = manifestIn(dirname(file.path), key).partitions[file.month]
  return noted === undefined ? found : asNoted(file, noted, found)
}

/** What reading a file gives again. */
export const MEASURED = ['rows', 'first', 'last', 'holes', 'zero_volume', 'hash'] as const

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

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
