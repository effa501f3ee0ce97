import { basename } from 'node:path'
import type { CandleColumns } from '../../core/candles.ts'
import { ColumnsHasher, type Violation, type ViolationKind } from '../columns.ts'
import type { DuckDb } from '../duckdb.ts'
import { digestFile } from '../lake/digest.ts'
import type { Partition } from '../lake/lake.ts'
import { missingCandles, type PartitionFacts } from '../lake/manifest.ts'
import type { Hole } from '../repository.ts'
import type { SeriesKey } from '../store.ts'
import { compareSeries, type StoredFiles } from './compare.ts'
import { damagedMonths } from './damaged-months.ts'
import {
  type BadFile,
  type BadRow,
  LISTED_MAX,
  type SeriesCheck,
  type UnreadableFile,
} from './findings.ts'
import { GapFinder } from './gaps.ts'
import { checkManifests, type Measured } from './manifest-check.ts'
import { SoundRows } from './sound-rows.ts'
import { SpikeFinder } from './spikes.ts'
import { StaleFinder } from './stale.ts'

export interface SeriesRequest extends SeriesKey, StoredFiles {
  /** Why the files of the series cannot be listed, and so none is checked. */
  readonly inaccessible?: UnreadableFile | undefined
  /** Stored series of finer candles that these can be built from. */
  readonly finer: readonly StoredFiles[]
  /** What is known of missing candles, sorted. */
  readonly holes: readonly Hole[]
}

/** Checks one stored series: reads every file once, and finer series once more to compare. Memory does not grow with the rows. */
export async function checkSeries(db: DuckDb, request: SeriesRequest): Promise<SeriesCheck> {
  const { exchange, symbol, interval, grid, partitions, finer, holes } = request
  const key = { exchange, symbol, interval }
  const scan = new SeriesScan(grid.ms, holes)
  const rows = new SoundRows(db, grid)
  const measured: Measured[] = []
  for (const partition of partitions) {
    const file = new FileScan(partition, grid)
    for await (const chunk of rows.read(partition, file)) scan.push(chunk)
    measured.push([partition, file.facts])
    scan.addFile(file)
  }
  const found = scan.finish()
  const comparisons = []
  const { fromMs, toMs } = found
  if (fromMs !== null && toMs !== null) {
    for (const one of finer) {
      comparisons.push(await compareSeries(db, request, one, { fromMs, toMs }))
    }
  }
  const { inaccessible } = request
  const manifest = inaccessible === undefined ? checkManifests(key, measured) : []
  const findings = {
    ...key,
    files: partitions.length,
    ...found,
    unreadable: [...(inaccessible === undefined ? [] : [inaccessible]), ...found.unreadable],
    comparisons: comparisons.filter(({ compared }) => compared > 0),
    manifest,
    damaged: damagedMonths(key, partitions, { ...found, manifest }),
  }
  return { ...findings, problems: problemsIn(findings), notes: notesIn(findings) }
}

type Findings = Omit<SeriesCheck, 'problems' | 'notes'>

function problemsIn({ badFiles, unreadable, comparisons, manifest }: Findings): number {
  const badRows = badFiles.reduce((sum, { rows }) => sum + rows, 0)
  const differing = comparisons.reduce((sum, one) => sum + one.differing, 0)
  const wrong = manifest.filter(({ kind }) => kind === 'wrong').length
  return badRows + unreadable.length + differing + wrong
}

function notesIn({ gaps, zeroVolume, missingVolume, stale, spikes, manifest }: Findings): number {
  const worthALook = manifest.filter(({ kind }) => kind !== 'wrong').length
  return gaps + zeroVolume + missingVolume + stale + spikes + worthALook
}

/** What is found in the sound rows of a series, and file by file. */
class SeriesScan {
  readonly #intervalMs: number
  readonly #gaps: GapFinder
  readonly #stale: StaleFinder
  readonly #spikes: SpikeFinder
  readonly #badFiles: BadFile[] = []
  readonly #unreadable: UnreadableFile[] = []
  #rows = 0
  #first: number | null = null
  #last: number | null = null

  constructor(intervalMs: number, holes: readonly Hole[]) {
    this.#intervalMs = intervalMs
    this.#gaps = new GapFinder(intervalMs, holes)
    this.#stale = new StaleFinder(intervalMs)
    this.#spikes = new SpikeFinder(intervalMs)
  }

  push(sound: CandleColumns): void {
    if (sound.openTime.length === 0) return
    this.#first ??= sound.openTime[0] as number
    this.#last = sound.openTime.at(-1) as number
    this.#gaps.push(sound)
    this.#stale.push(sound)
    this.#spikes.push(sound)
  }

  addFile({ rows, bad, unreadable }: FileScan): void {
    this.#rows += rows
    if (bad !== undefined) this.#badFiles.push(bad)
    if (unreadable !== undefined) this.#unreadable.push(unreadable)
  }

  finish() {
    return {
      rows: this.#rows,
      fromMs: this.#first,
      toMs: this.#last === null ? null : this.#last + this.#intervalMs,
      badFiles: this.#badFiles,
      unreadable: this.#unreadable,
      ...this.#gaps.finish(),
      ...this.#stale.finish(),
      spikes: this.#spikes.count,
      largestSpikes: this.#spikes.largest,
    }
  }
}

/** Listens to the reading of one file. */
class FileScan {
  readonly #partition: Partition
  readonly #grid: StoredFiles['grid']
  readonly #hasher = new ColumnsHasher()
  readonly #kinds = new Map<ViolationKind, number>()
  readonly #examples: BadRow[] = []
  #rows = 0
  #badRows = 0
  #zeroVolume = 0
  #first = Number.NaN
  #last = Number.NaN
  #reason: string | undefined
  #isInaccessible = false

  constructor(partition: Partition, grid: StoredFiles['grid']) {
    this.#partition = partition
    this.#grid = grid
  }

  get rows(): number {
    return this.#rows
  }

  get bad(): BadFile | undefined {
    if (this.#badRows === 0) return undefined
    const { path } = this.#partition
    const kinds = Object.fromEntries(this.#kinds)
    return { path, rows: this.#badRows, kinds, examples: this.#examples }
  }

  get unreadable(): UnreadableFile | undefined {
    const { path } = this.#partition
    const reason = this.#reason
    return reason === undefined ? undefined : { path, reason, isInaccessible: this.#isInaccessible }
  }

  /** What a manifest would say of the file; null when it cannot be read or holds nothing. */
  get facts(): PartitionFacts | null {
    if (this.#reason !== undefined || this.#rows === 0) return null
    return {
      rows: this.#rows,
      first: this.#first,
      last: this.#last,
      holes: missingCandles(this.#first, this.#last, this.#rows, this.#grid),
      zero_volume: this.#zeroVolume,
      hash: this.#hasher.finish(),
      bytes: this.#partition.bytes,
      digest: digestFile(this.#partition.path),
    }
  }

  readonly onRows = (columns: CandleColumns): void => {
    if (this.#rows === 0) this.#first = columns.openTime[0] as number
    this.#last = columns.openTime.at(-1) as number
    this.#rows += columns.openTime.length
    for (let row = 0; row < columns.volume.length; row++) {
      if (columns.volume[row] === 0) this.#zeroVolume++
    }
    this.#hasher.push(columns)
  }

  readonly onViolation = ({ row, openTime, kind, rule }: Violation): void => {
    this.#badRows++
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1)
    if (this.#examples.length < LISTED_MAX) {
      this.#examples.push({ row: row + 1, openTime, kind, rule })
    }
  }

  readonly onUnreadable = (reason: string, isInaccessible: boolean): void => {
    this.#isInaccessible = isInaccessible
    // DuckDB's text names the path, which is told beside it.
    this.#reason = reason.replaceAll(this.#partition.path, basename(this.#partition.path))
  }
}
