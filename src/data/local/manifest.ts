import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { IntervalGrid } from '../../core/intervals.ts'
import { ColumnsHasher } from '../columns.ts'
import type { DuckDb } from '../duckdb.ts'
import { ifThere, writeAtomically } from '../files.ts'
import type { SeriesKey, StoredSeries } from '../store.ts'
import { type Partition, seriesFolder } from './lake.ts'
import { checkedChunks, whileUnchanged } from './read-columns.ts'

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
  /** Where the candles were copied from; absent when the lake itself is their record. */
  readonly source?: PartitionSource
}

/** Which candles of a database a month is a copy of. */
export interface PartitionSource {
  /** Identity of the database. */
  readonly database: string
  /** Version of the month there; another one means other candles. */
  readonly version: string
}

/** `manifest.json` beside the partitions of a series. */
export interface SeriesManifest extends SeriesKey {
  readonly schema: 'crypto/lake.series@1'
  readonly partitions: Readonly<Record<string, PartitionFacts>>
  /** Months that are being copied, or were when it was interrupted, and the database that they are copied from. */
  readonly claims?: Readonly<Record<string, string>>
}

const SCHEMA = 'crypto/lake.series@1'
const MANIFEST = 'manifest.json'

/** Reads the manifest of a series; an absent or damaged one counts as empty, for it can be made anew. */
export function readManifest(root: string, key: SeriesKey): SeriesManifest {
  return manifestIn(seriesFolder(root, key), key)
}

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

async function writeManifest(
  root: string,
  manifest: SeriesManifest,
  options: { readonly isDurable?: boolean } = {},
): Promise<void> {
  const path = join(seriesFolder(root, manifest), MANIFEST)
  const months = Object.entries(manifest.partitions).sort(([a], [b]) => (a < b ? -1 : 1))
  const { claims = {}, ...rest } = manifest
  const claimed = Object.keys(claims).length > 0 ? { claims } : {}
  const partitions = Object.fromEntries(months)
  const text = JSON.stringify({ ...rest, partitions, ...claimed }, null, 1)
  await writeAtomically(path, (temporary) => writeFileSync(temporary, `${text}\n`), options)
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
    return { rows, first, last, holes, zero_volume: zeroVolume, hash, bytes: partition.bytes }
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
    else {
      const found = await describeFile(await open(), partition, grid)
      if (found !== undefined) facts.push(found)
    }
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

/** Reads the manifest in a folder; an absent or damaged one counts as empty, for it can be made anew. */
export function manifestIn(folder: string, key: SeriesKey): SeriesManifest {
  const { exchange, symbol, interval } = key
  const empty: SeriesManifest = { schema: SCHEMA, exchange, symbol, interval, partitions: {} }
  const path = join(folder, MANIFEST)
  // One that may not be read is not empty: what it says of where months were copied from must not be written over.
  const text = ifThere(path, () => readFileSync(path, 'utf8'))
  if (text === undefined) return empty
  try {
    const { schema, partitions, claims } = JSON.parse(text) ?? {}
    if (schema !== SCHEMA) return empty
    return {
      ...empty,
      partitions: soundEntries(partitions, isFacts),
      claims: soundEntries(claims, isText),
    }
  } catch {
    return empty
  }
}

/** Returns the entries of what should be a record, without those that are not as they should be. */
function soundEntries<T>(
  record: unknown,
  isSound: (value: unknown) => value is T,
): Readonly<Record<string, T>> {
  if (typeof record !== 'object' || record === null) return {}
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, T] => isSound(entry[1])),
  )
}

const NUMBERS = ['rows', 'first', 'last', 'holes', 'zero_volume', 'bytes'] as const

function isFacts(value: unknown): value is PartitionFacts {
  const { hash, source, ...facts } = (value ?? {}) as Partial<PartitionFacts>
  const isOwn = source === undefined
  const isCopy = !isOwn && isText(source?.database) && isText(source?.version)
  return isText(hash) && (isOwn || isCopy) && NUMBERS.every((name) => Number.isFinite(facts[name]))
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
