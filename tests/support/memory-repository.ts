import { PlatformError } from '../../src/core/errors.ts'
import { parseInterval } from '../../src/core/intervals.ts'
import { intersectSpans, mergeSpans, spansWithin } from '../../src/core/ranges.ts'
import { columnsOf, FILE_COLUMNS } from '../../src/data/columns.ts'
import { holesWithin } from '../../src/data/holes.ts'
import type {
  CandleRepository,
  Hole,
  QuarantinedCandle,
  SeriesWriter,
  VerifiedPage,
  WriteCounts,
} from '../../src/data/repository.ts'
import type { SeriesKey, TimeRange } from '../../src/data/store.ts'

/** What a repository is to hold of one series, in the plainest form. */
export interface SeriesModel {
  readonly rows: Map<number, readonly number[]>
  coverage: readonly TimeRange[]
  holes: readonly Hole[]
  quarantined: readonly QuarantinedCandle[]
  flushes: number
  isOpen: boolean
}

/** A repository of plain maps: the model that real ones are compared with, and a fast one for tests of their users. */
export function memoryRepository(): CandleRepository & {
  readonly series: (symbol: string) => SeriesModel
} {
  const models = new Map<string, SeriesModel>()
  const modelOf = (symbol: string) => {
    const known = models.get(symbol)
    if (known !== undefined) return known
    const fresh = { rows: new Map(), coverage: [], holes: [], quarantined: [], flushes: 0 }
    const model: SeriesModel = { ...fresh, isOpen: false }
    models.set(symbol, model)
    return model
  }
  return {
    driver: 'local',
    series: modelOf,
    async openSeries(key) {
      const model = modelOf(key.symbol)
      if (model.isOpen) throw new PlatformError('SERIES_BUSY', `${key.symbol} is open already.`)
      model.isOpen = true
      return writerOf(key, model)
    },
    async readBooks(key, range) {
      const { coverage, holes } = modelOf(key.symbol)
      return { coverage: spansWithin(coverage, range), holes: holesWithin(holes, [range]) }
    },
    async close() {},
  }
}

function writerOf(key: SeriesKey, model: SeriesModel): SeriesWriter {
  return {
    key,
    coverage: async (range) => spansWithin(model.coverage, range),
    holes: async (range) =>
      model.holes.filter((hole) => range === undefined || intersectSpans(hole, range)),
    quarantined: async () => model.quarantined,
    read: async (range) => columnsWithin(model, range),
    commit: async (page) => commit(key, model, page),
    flush: async () => void model.flushes++,
    close: async () => {
      model.isOpen = false
    },
  }
}

function commit(
  key: SeriesKey,
  model: SeriesModel,
  { range, candles, holes, quarantined }: VerifiedPage,
): WriteCounts {
  const counts = { added: 0, replaced: 0, unchanged: 0 }
  for (let row = 0; row < candles.openTime.length; row++) {
    const { openTime, open, high, low, close, volume } = candles
    const values = [openTime, open, high, low, close, volume].map((column) => column[row] as number)
    const before = model.rows.get(values[0] as number)
    if (before === undefined) counts.added++
    else if (before.every((value, i) => value === values[i])) counts.unchanged++
    else counts.replaced++
    model.rows.set(values[0] as number, values)
  }
  model.holes = nextHoles(model, range, holes, parseInterval(key.interval).ms)
  model.quarantined = [
    ...model.quarantined.filter(
      ({ openTime }) => openTime < range.fromMs || openTime >= range.toMs,
    ),
    ...quarantined,
  ].toSorted((a, b) => a.openTime - b.openTime)
  model.coverage = mergeSpans([...model.coverage, range])
  return counts
}

/** Slot by slot: a slot of the page is missing if the page says so and nothing is stored there. Alike neighbours are one hole. */
function nextHoles(
  model: SeriesModel,
  range: TimeRange,
  found: readonly Hole[],
  slotMs: number,
): readonly Hole[] {
  const slots = new Map<number, Hole>()
  const each = (holes: readonly Hole[], use: (time: number, hole: Hole) => void) => {
    for (const hole of holes) {
      for (let time = hole.fromMs; time < hole.toMs; time += slotMs) use(time, hole)
    }
  }
  each(model.holes, (time, hole) => slots.set(time, hole))
  const before = new Map(slots)
  for (let time = range.fromMs; time < range.toMs; time += slotMs) slots.delete(time)
  each(found, (time, hole) => {
    if (model.rows.has(time)) return
    const firstSeenMs = Math.min(hole.firstSeenMs, before.get(time)?.firstSeenMs ?? Infinity)
    slots.set(time, { ...hole, firstSeenMs })
  })
  const holes: Hole[] = []
  for (const [fromMs, hole] of [...slots].toSorted(([a], [b]) => a - b)) {
    const last = holes.at(-1)
    const slot = { ...hole, fromMs, toMs: fromMs + slotMs }
    const isNext = last?.toMs === fromMs && isAlike(last, hole)
    if (isNext) holes[holes.length - 1] = { ...last, toMs: slot.toMs }
    else holes.push(slot)
  }
  return holes
}

function isAlike(a: Hole, b: Hole): boolean {
  return a.cause === b.cause && a.firstSeenMs === b.firstSeenMs && a.lastCheckMs === b.lastCheckMs
}

function columnsWithin({ rows }: SeriesModel, { fromMs, toMs }: TimeRange) {
  const sorted = [...rows.values()]
    .filter(([time = 0]) => time >= fromMs && time < toMs)
    .toSorted((a, b) => (a[0] as number) - (b[0] as number))
  return columnsOf(
    FILE_COLUMNS.map((_, column) => Float64Array.from(sorted, (row) => row[column] as number)),
  )
}
