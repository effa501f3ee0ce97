import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DataAccessError } from '../../core/errors.ts'
import { findIntervalMs } from '../../core/units.ts'
import { ifThere } from '../files.ts'
import type { OnInaccessible, SeriesKey, TimeRange } from '../store.ts'

export interface LakeFolders {
  /** Folder of the writable lake; it need not exist yet. */
  readonly lake: string
  /** Read-only folders of the same layout; a month in the lake hides theirs. */
  readonly samples?: readonly string[]
}

/** A folder of candles: `<path>/exchange=…/symbol=…/interval=…/YYYY-MM.parquet`. */
export interface LakeRoot {
  readonly path: string
  readonly source: 'lake' | 'sample'
}

/** The candles of one series whose open times lie in one UTC month. */
export interface Partition {
  /** Such as `2024-01`. */
  readonly month: string
  readonly path: string
  readonly source: 'lake' | 'sample'
  readonly bytes: number
  /** Checksum that the bytes should have, where it is known: see `withDigests`. */
  readonly digest?: string
}

const PARTITION = /^(\d{4}-\d{2})\.parquet$/

/** Returns the folders of a lake and of the samples behind it. */
export function rootsOf({ lake, samples = [] }: LakeFolders): readonly LakeRoot[] {
  return [
    { path: lake, source: 'lake' },
    ...samples.map((path) => ({ path, source: 'sample' as const })),
  ]
}

/** Returns the folder of a series. Names are percent-encoded, so `BTC/USDT` is one folder. */
export function seriesFolder(root: string, key: SeriesKey): string {
  return join(
    root,
    `exchange=${encodeURIComponent(key.exchange)}`,
    `symbol=${encodeURIComponent(key.symbol)}`,
    `interval=${encodeURIComponent(key.interval)}`,
  )
}

/**
 * Returns the stored exchange or symbol whose folder many disks do not tell from that of a new series, such as `BTCUSDT` beside
 * `btcusdt`: there both would share their files.
 */
export function findCaseTwin(root: string, { exchange, symbol }: SeriesKey): string | undefined {
  const folder = join(root, `exchange=${encodeURIComponent(exchange)}`)
  return twinIn(root, 'exchange', exchange) ?? twinIn(folder, 'symbol', symbol)
}

function twinIn(folder: string, kind: string, name: string): string | undefined {
  const others = valuesIn(folder, kind).map(([other]) => other)
  if (others.includes(name)) return undefined
  const folded = (text: string) => encodeURIComponent(text).toLowerCase()
  return others.find((other) => folded(other) === folded(name))
}

export function partitionPath(root: string, key: SeriesKey, month: string): string {
  return join(seriesFolder(root, key), `${month}.parquet`)
}

/** Returns the stored months of a series in order; a month of an earlier root hides that of a later one. */
export function findPartitions(roots: readonly LakeRoot[], key: SeriesKey): readonly Partition[] {
  const months = new Map<string, Partition>()
  for (const root of roots) {
    for (const partition of partitionsOf(root, key)) {
      if (!months.has(partition.month)) months.set(partition.month, partition)
    }
  }
  return [...months.values()].sort((a, b) => (a.month < b.month ? -1 : 1))
}

/**
 * Returns every series of all roots, sorted by name and length of interval. A series whose folder may not be read is one of them: whoever
 * reads it is told.
 * @param onInaccessible told of folders above series that the system does not let us read; unless given they are left out
 */
export function listSeriesKeys(
  roots: readonly LakeRoot[],
  onInaccessible: OnInaccessible = () => {},
): readonly SeriesKey[] {
  const keys = new Map<string, SeriesKey>()
  for (const root of roots) {
    for (const key of seriesOf(root.path, onInaccessible)) {
      keys.set(JSON.stringify([key.exchange, key.symbol, key.interval]), key)
    }
  }
  return [...keys.values()].sort(compareKeys)
}

/** Returns the month of an open time, such as `2024-01`. */
export function monthOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 7)
}

/** Returns the range of a month, end exclusive. */
export function monthRange(month: string): TimeRange {
  const [year, monthNumber] = month.split('-').map(Number) as [number, number]
  return { fromMs: Date.UTC(year, monthNumber - 1), toMs: Date.UTC(year, monthNumber) }
}

/** Returns the months that sorted ranges touch, such as `2024-01`, in order. */
export function monthsIn(ranges: readonly TimeRange[]): readonly string[] {
  const months = new Set<string>()
  for (const { fromMs, toMs } of ranges) {
    for (let at = fromMs; at < toMs; ) {
      const month = monthOf(at)
      months.add(month)
      at = monthRange(month).toMs
    }
  }
  return [...months]
}

/** Whether two ranges share an instant. */
export function overlaps(a: TimeRange, b: TimeRange): boolean {
  return a.fromMs < b.toMs && b.fromMs < a.toMs
}

/** Returns the name, or the first numbered one that is free. */
export function freeName(path: string): string {
  let name = path
  for (let number = 2; existsSync(name); number++) name = `${path}-${number}`
  return name
}

function partitionsOf(root: LakeRoot, key: SeriesKey): Partition[] {
  const folder = seriesFolder(root.path, key)
  return namesIn(folder).flatMap((name) => {
    const month = PARTITION.exec(name)?.[1]
    if (month === undefined) return []
    const path = join(folder, name)
    const file = ifThere(path, () => statSync(path))
    // Gone since it was listed: a writer has just taken it away.
    return file === undefined ? [] : [{ month, path, source: root.source, bytes: file.size }]
  })
}

function seriesOf(root: string, onInaccessible: OnInaccessible): SeriesKey[] {
  const valuesOf = (folder: string, name: string) =>
    unlessInaccessible(() => valuesIn(folder, name), onInaccessible) ?? []
  return valuesOf(root, 'exchange').flatMap(([exchange, exchangeFolder]) =>
    valuesOf(exchangeFolder, 'symbol').flatMap(([symbol, symbolFolder]) =>
      valuesOf(symbolFolder, 'interval')
        .filter(([interval, folder]) => findIntervalMs(interval) && mayHoldPartition(folder))
        .map(([interval]) => ({ exchange, symbol, interval })),
    ),
  )
}

/** A folder that may not be read counts as a series. */
function mayHoldPartition(folder: string): boolean {
  const names = unlessInaccessible(() => namesIn(folder))
  return names === undefined || names.some((name) => PARTITION.test(name))
}

function unlessInaccessible<T>(
  read: () => T,
  onInaccessible: OnInaccessible = () => {},
): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof DataAccessError)) throw error
    onInaccessible(error)
    return undefined
  }
}

/** Returns the values and folders of `name=value` below a folder. */
function valuesIn(folder: string, name: string): (readonly [string, string])[] {
  const prefix = `${name}=`
  return namesIn(folder)
    .filter((entry) => entry.startsWith(prefix))
    .map((entry) => [decodeName(entry.slice(prefix.length)), join(folder, entry)] as const)
}

/** A folder that somebody else named may hold a stray percent sign. */
function decodeName(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function namesIn(folder: string): string[] {
  return (ifThere(folder, () => readdirSync(folder)) ?? []).sort()
}

function compareKeys(a: SeriesKey, b: SeriesKey): number {
  if (a.exchange !== b.exchange) return a.exchange < b.exchange ? -1 : 1
  if (a.symbol !== b.symbol) return a.symbol < b.symbol ? -1 : 1
  return (findIntervalMs(a.interval) ?? 0) - (findIntervalMs(b.interval) ?? 0)
}
