import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DataError } from '../../core/errors.ts'
import { sha256 } from '../../core/hash.ts'
import { ifThere, storageError, writeAtomically } from '../files.ts'
import type { SeriesKey } from '../store.ts'
import { digestFile } from './digest.ts'
import { freeName, type Partition, seriesFolder } from './lake.ts'

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
  /** Checksum of the file's bytes; absent in manifests of earlier versions. */
  readonly digest?: string
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

/** What `manifest.json` beside the partitions of a series says of them. */
export interface SeriesManifest extends SeriesKey {
  readonly partitions: Readonly<Record<string, PartitionFacts>>
  /** Months that are being copied, or were when it was interrupted, and the database that they are copied from. */
  readonly claims?: Readonly<Record<string, string>>
}

const SCHEMA = 'crypto/lake.series@2'
/** Had no digests, and no hash of itself. */
const SCHEMA_BEFORE = 'crypto/lake.series@1'
const MANIFEST = 'manifest.json'

type Content = Pick<SeriesManifest, 'partitions' | 'claims'>

const NOTHING: Content = { partitions: {} }

/**
 * Reads the manifest in a folder; an absent one is empty.
 * @throws DataError `MANIFEST_DAMAGED` when it is not as it was written; DataAccessError
 */
export function manifestIn(folder: string, { exchange, symbol, interval }: SeriesKey) {
  return { exchange, symbol, interval, ...contentIn(folder) } satisfies SeriesManifest
}

/** Reads the manifest of a series. @throws as `manifestIn` */
export function readManifest(root: string, key: SeriesKey): SeriesManifest {
  return manifestIn(seriesFolder(root, key), key)
}

/** Returns why the manifest in a folder cannot be believed, or undefined when it can or is absent. */
export function manifestDamage(folder: string): DataError | undefined {
  try {
    contentIn(folder)
    return undefined
  } catch (error) {
    if (error instanceof DataError && error.code === 'MANIFEST_DAMAGED') return error
    throw error
  }
}

/** Puts a damaged manifest out of the way, so that a new one can be made. Returns its new path. */
export function setManifestAside(folder: string): string {
  const path = join(folder, MANIFEST)
  const kept = freeName(`${path}.damaged`)
  try {
    renameSync(path, kept)
  } catch (error) {
    throw storageError(error, path)
  }
  return kept
}

export async function writeManifest(
  root: string,
  { exchange, symbol, interval, partitions, claims = {} }: SeriesManifest,
  options: { readonly isDurable?: boolean } = {},
): Promise<void> {
  const path = manifestPath(seriesFolder(root, { exchange, symbol, interval }))
  const content = {
    schema: SCHEMA,
    exchange,
    symbol,
    interval,
    partitions: Object.fromEntries(Object.entries(partitions).sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(Object.keys(claims).length > 0 && { claims }),
  }
  const text = JSON.stringify({ ...content, check: checkOf(content) }, null, 1)
  await writeAtomically(path, (temporary) => writeFileSync(temporary, `${text}\n`), options)
}

export function manifestPath(folder: string): string {
  return join(folder, MANIFEST)
}

/** Adds to files what their manifests say of their bytes, so that whoever reads them can compare. */
export function withDigests(partitions: readonly Partition[]): readonly Partition[] {
  const contents = new Map<string, Content>()
  return partitions.map((partition) => {
    const folder = dirname(partition.path)
    const content = contents.get(folder) ?? contentIn(folder)
    contents.set(folder, content)
    const digest = content.partitions[partition.month]?.digest
    return digest === undefined ? partition : { ...partition, digest }
  })
}

/** Returns the files that no manifest lists, so that nothing says what they should hold. */
export function unlisted(partitions: readonly Partition[]): readonly Partition[] {
  const folders = Map.groupBy(partitions, ({ path }) => dirname(path))
  return [...folders].flatMap(([folder, files]) => {
    const known = contentIn(folder).partitions
    return files.filter(({ month }) => known[month] === undefined)
  })
}

/**
 * Stops at a file whose bytes are not those that its manifest describes. Due before any part of it is used: DuckDB checks no
 * checksum, and a bit that flips in a page of values, in a dictionary or in a statistic gives other candles without a word.
 * @throws DataError `DATA_DAMAGED` or `MANIFEST_DAMAGED`; DataAccessError
 */
export function verifyFiles(partitions: readonly Partition[]): void {
  for (const partition of partitions) {
    const { path, digest } = partition
    if (digest !== undefined && digestFile(path) !== digest) currentFacts(partition)
  }
}

/** A writer replaces a month at most a few times a second. */
const LOOKS_MAX = 20

/**
 * Returns what the manifest says of a file as it is at this moment; undefined when it does not list it. A writer takes a month off the
 * manifest before its file changes and puts it there again afterwards: a file that disagrees with one and the same entry before and
 * after it was looked at has been changed by something else.
 * @throws as `verifyFiles`
 */
export function currentFacts({ path, month }: Partition): PartitionFacts | undefined {
  const folder = dirname(path)
  let entry = contentIn(folder).partitions[month]
  for (let left = LOOKS_MAX; entry !== undefined; left--) {
    const found = digestFile(path)
    if (entry.digest === found) return entry
    const later: PartitionFacts | undefined = contentIn(folder).partitions[month]
    if (left === 0 || later?.digest === entry.digest) throw changedFile(path, entry, found)
    entry = later
  }
  return undefined
}

/** The content of a file is not what its manifest says. */
export function changedFile(
  path: string,
  expected: { readonly digest?: string },
  found: string,
): DataError {
  const { digest = 'none' } = expected
  return new DataError(
    'DATA_DAMAGED',
    `${path}: its bytes are not those that were stored (checksum ${found}, the manifest beside it says ${digest}), so that its candles cannot be trusted. Run crypto data check: it says where they are to be had again (crypto ingest --repair, crypto data sync, or an import). If you replaced the file yourself, delete the manifest beside it: files without one are read as they are.`,
    { context: { path, expected: digest, found } },
  )
}

function contentIn(folder: string): Content {
  const text = textIn(folder)
  if (text === undefined) return NOTHING
  const content = parse(text)
  if (typeof content === 'string') throw damagedManifest(manifestPath(folder), content)
  return content
}

/** @throws DataAccessError: one that may not be read is not empty */
function textIn(folder: string): string | undefined {
  const path = manifestPath(folder)
  return ifThere(path, () => readFileSync(path, 'utf8'))
}

/** Returns what a manifest says, or why it cannot be believed. */
function parse(text: string): Content | string {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return 'it is no JSON'
  }
  if (!isRecord(document)) return 'it is no object'
  const { check, ...content } = document
  const { schema, partitions, claims = {} } = content
  if (schema === SCHEMA) {
    if (check !== checkOf(content)) return 'it does not agree with its own hash'
  } else if (schema !== SCHEMA_BEFORE) {
    return `its schema is ${JSON.stringify(schema)?.slice(0, 80)}, this program knows ${SCHEMA}`
  }
  if (!isRecordOf(partitions, isFacts)) return 'an entry is not what it should be'
  return isRecordOf(claims, isText) ? { partitions, claims } : 'a claim is not what it should be'
}

function damagedManifest(path: string, reason: string): DataError {
  return new DataError(
    'MANIFEST_DAMAGED',
    `${path}: the manifest is damaged (${reason}), so that the files beside it cannot be checked. Candles of an exchange: crypto ingest --repair measures the files anew and compares them with the ledger; copies of a database: crypto data sync compares them. Others: rename the manifest; files without one are read as they are, unverified.`,
    { context: { path, reason } },
  )
}

function checkOf(content: unknown): string {
  return sha256(JSON.stringify(content))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isRecordOf<T>(
  value: unknown,
  isMember: (member: unknown) => member is T,
): value is Readonly<Record<string, T>> {
  return isRecord(value) && Object.values(value).every(isMember)
}

const NUMBERS = ['rows', 'first', 'last', 'holes', 'zero_volume', 'bytes'] as const

function isFacts(value: unknown): value is PartitionFacts {
  if (!isRecord(value)) return false
  const { hash, digest = '', source = { database: '', version: '' } } = value
  return (
    isText(hash) &&
    isText(digest) &&
    isRecord(source) &&
    isText(source.database) &&
    isText(source.version) &&
    NUMBERS.every((name) => Number.isFinite(value[name]))
  )
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
